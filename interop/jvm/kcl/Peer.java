import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.UnsupportedEncodingException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import software.amazon.kinesis.retrieval.AggregatorUtil;
import software.amazon.kinesis.retrieval.KinesisClientRecord;

/**
 * What a KCL application would see of Kinesis records.
 *
 * <p>{records, range?: [startingHashKey, endingHashKey]} is answered with the user records, {records,
 * hashKeys: true} with the hash keys that KCL computes for each, {records, milliseconds} with the time that reading takes.
 */
public class Peer extends AggregatorUtil {
  public static void main(String[] args) throws Exception {
    Peer peer = new Peer();
    Lines.serve(
        request ->
            request.has("hashKeys")
                ? peer.hashKeys(request)
                : request.has("milliseconds") ? peer.time(request) : peer.read(request));
  }

  private JsonObject time(JsonObject request) throws Exception {
    List<KinesisClientRecord> records = kinesisRecords(request);
    return Lines.time(
        request,
        () -> {
          // It reads each from where the last time has left off.
          for (KinesisClientRecord record : records) record.data().rewind();
          return deaggregate(records).size();
        });
  }

  private static List<KinesisClientRecord> kinesisRecords(JsonObject request) {
    List<KinesisClientRecord> records = new ArrayList<>();
    for (JsonElement element : Lines.records(request)) {
      JsonObject record = element.getAsJsonObject();
      records.add(
          KinesisClientRecord.builder()
              .partitionKey(Lines.text(record, "partitionKey"))
              .sequenceNumber(Lines.text(record, "sequenceNumber"))
              .data(ByteBuffer.wrap(Lines.data(record)))
              .build());
    }
    return records;
  }

  private JsonArray read(JsonObject request) {
    List<KinesisClientRecord> records = kinesisRecords(request);
    JsonArray range = request.getAsJsonArray("range");
    List<KinesisClientRecord> userRecords =
        range == null
            ? deaggregate(records)
            : deaggregate(records, range.get(0).getAsString(), range.get(1).getAsString());
    JsonArray answer = new JsonArray();
    for (KinesisClientRecord userRecord : userRecords) answer.add(toJson(userRecord));
    return answer;
  }

  private static JsonObject toJson(KinesisClientRecord record) {
    byte[] data = new byte[record.data().remaining()];
    record.data().get(data);
    JsonObject json = Lines.record(record.partitionKey(), record.explicitHashKey(), data);
    json.addProperty("sequenceNumber", record.sequenceNumber());
    json.addProperty("subSequenceNumber", record.subSequenceNumber());
    json.addProperty("aggregated", record.aggregated());
    return json;
  }

  private JsonArray hashKeys(JsonObject request) throws UnsupportedEncodingException {
    JsonArray answer = new JsonArray();
    for (JsonElement element : Lines.records(request)) {
      JsonObject record = element.getAsJsonObject();
      answer.add(
          effectiveHashKey(
                  Lines.text(record, "partitionKey"), Lines.text(record, "explicitHashKey"))
              .toString());
    }
    return answer;
  }
}
