import com.google.common.util.concurrent.ListenableFuture;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.kinesis.producer.KinesisProducer;
import software.amazon.kinesis.producer.KinesisProducerConfiguration;
import software.amazon.kinesis.producer.UserRecordResult;

/**
 * Puts records with the KPL's native daemon: {stream, records} is answered with {shardId,
 * sequenceNumber} of each, once all are put.
 *
 * <p>Arguments: port of the TLS endpoint on loopback, folder for the daemon.
 */
public class Peer {
  public static void main(String[] args) throws Exception {
    KinesisProducer producer = new KinesisProducer(configuration(args));
    Lines.serve(request -> put(producer, request));
    producer.destroy();
    // The producer keeps threads that are no daemons.
    System.exit(0);
  }

  /** Of a producer before the endpoint that the arguments name. */
  static KinesisProducerConfiguration configuration(String[] args) {
    int port = Integer.parseInt(args[0]);
    return new KinesisProducerConfiguration()
        .setCredentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("key", "secret")))
        .setRegion("us-east-1")
        .setKinesisEndpoint("localhost")
        .setKinesisPort(port)
        .setStsEndpoint("localhost")
        .setStsPort(port)
        .setCloudwatchEndpoint("localhost")
        .setCloudwatchPort(port)
        .setMetricsLevel("none")
        .setVerifyCertificate(false)
        .setLogLevel("warning")
        .setTempDirectory(args[1]);
  }

  private static JsonArray put(KinesisProducer producer, JsonObject request) throws Exception {
    String stream = Lines.text(request, "stream");
    List<ListenableFuture<UserRecordResult>> puts = new ArrayList<>();
    for (JsonElement element : Lines.records(request)) {
      JsonObject record = element.getAsJsonObject();
      puts.add(
          producer.addUserRecord(
              stream,
              Lines.text(record, "partitionKey"),
              Lines.text(record, "explicitHashKey"),
              ByteBuffer.wrap(Lines.data(record))));
    }
    JsonArray answer = new JsonArray();
    for (ListenableFuture<UserRecordResult> put : puts) {
      UserRecordResult result = put.get(60, TimeUnit.SECONDS);
      JsonObject json = new JsonObject();
      json.addProperty("shardId", result.getShardId());
      json.addProperty("sequenceNumber", result.getSequenceNumber());
      answer.add(json);
    }
    return answer;
  }
}
