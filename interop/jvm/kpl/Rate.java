import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import com.google.gson.Gson;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import software.amazon.kinesis.producer.KinesisProducer;
import software.amazon.kinesis.producer.UserRecordResult;

/**
 * Puts records at a rate: after a first one it prints START, waits for a line, and prints what it
 * measured.
 *
 * <p>Arguments: port of the TLS endpoint on loopback, folder for the daemon, records, bytes of
 * each, records a second (0: as fast as it takes them, without pacing).
 */
public class Rate {
  private static final int KEYS = 1000;

  public static void main(String[] args) throws Exception {
    int count = Integer.parseInt(args[2]);
    int size = Integer.parseInt(args[3]);
    int perSecond = Integer.parseInt(args[4]);
    KinesisProducer producer =
        new KinesisProducer(
            Peer.configuration(args)
                .setRecordTtl(120_000)
                .setRateLimit(perSecond == 0 ? 1_000_000 : 150));
    producer.addUserRecord("bench", "warm", data(-1, 3)).get(60, TimeUnit.SECONDS);
    System.out.println("START");
    System.in.read();

    long[] sent = new long[count];
    long[] done = new long[count];
    List<ListenableFuture<UserRecordResult>> puts = new ArrayList<>(count);
    long start = System.nanoTime();
    for (int i = 0; i < count; i++) {
      int number = i;
      sent[i] = System.nanoTime();
      ListenableFuture<UserRecordResult> put =
          producer.addUserRecord("bench", "device-" + i % KEYS, data(i, size));
      put.addListener(() -> done[number] = System.nanoTime(), MoreExecutors.directExecutor());
      puts.add(put);
      if (perSecond > 0) {
        long wait = start + 1_000_000_000L * (i + 1) / perSecond - System.nanoTime();
        if (wait > 1_000_000) Thread.sleep(wait / 1_000_000);
      }
    }
    int failed = 0;
    for (ListenableFuture<UserRecordResult> put : puts) {
      try {
        put.get(180, TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        failed++;
      }
    }
    double elapsedMs = (System.nanoTime() - start) / 1e6;
    double[] latencies = new double[count];
    for (int i = 0; i < count; i++) latencies[i] = (done[i] - sent[i]) / 1e6;
    Arrays.sort(latencies);
    System.out.println(
        new Gson()
            .toJson(
                Map.of(
                    "elapsedMs", elapsedMs,
                    "failed", failed,
                    "p50", latencies[count / 2],
                    "p99", latencies[(int) (count * 0.99)])));
    System.in.read();
    producer.destroy();
    System.exit(0);
  }

  private static ByteBuffer data(int number, int size) {
    byte[] data = new byte[size];
    Arrays.fill(data, (byte) 'x');
    byte[] id = (number + ":").getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(id, 0, data, 0, id.length);
    return ByteBuffer.wrap(data);
  }

  private Rate() {}
}
