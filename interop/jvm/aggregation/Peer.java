import com.amazonaws.kinesis.agg.AggRecord;
import com.amazonaws.kinesis.agg.RecordAggregator;
import com.amazonaws.kinesis.deagg.RecordDeaggregator;
import com.amazonaws.services.kinesis.clientlibrary.types.UserRecord;
import com.amazonaws.services.lambda.runtime.events.KinesisEvent.KinesisEventRecord;
import com.amazonaws.services.lambda.runtime.events.KinesisEvent.Record;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * {write: true, records} is answered with aggregated records, {records} with user records, {records, milliseconds} with the
 * time that reading takes.
 */
public class Peer {
  public static void main(String[] args) throws Exception {
    Lines.serve(
        request ->
            request.has("write")
                ? write(request)
                : request.has("milliseconds") ? time(request) : read(request));
  }

  private static JsonObject time(JsonObject request) throws Exception {
    List<KinesisEventRecord> records = kinesisRecords(request);
    return Lines.time(
        request,
        () -> {
          // It reads each from where the last time has left off.
          for (KinesisEventRecord record : records) record.getKinesis().getData().rewind();
          return RecordDeaggregator.deaggregate(records).size();
        });
  }

  private static JsonArray write(JsonObject request) throws Exception {
    RecordAggregator aggregator = new RecordAggregator();
    JsonArray answer = new JsonArray();
    for (JsonElement element : Lines.records(request)) {
      JsonObject record = element.getAsJsonObject();
      String partitionKey = Lines.text(record, "partitionKey");
      String explicitHashKey = Lines.text(record, "explicitHashKey");
      add(answer, aggregator.addUserRecord(partitionKey, explicitHashKey, Lines.data(record)));
    }
    add(answer, aggregator.clearAndGet());
    return answer;
  }

  private static void add(JsonArray answer, AggRecord record) {
    if (record == null) return;
    answer.add(
        Lines.record(record.getPartitionKey(), record.getExplicitHashKey(), record.toRecordBytes()));
  }

  private static List<KinesisEventRecord> kinesisRecords(JsonObject request) {
    List<KinesisEventRecord> records = new ArrayList<>();
    for (JsonElement element : Lines.records(request)) {
      JsonObject record = element.getAsJsonObject();
      Record kinesis = new Record();
      kinesis.setPartitionKey(Lines.text(record, "partitionKey"));
      kinesis.setSequenceNumber(Lines.text(record, "sequenceNumber"));
      kinesis.setData(ByteBuffer.wrap(Lines.data(record)));
      KinesisEventRecord event = new KinesisEventRecord();
      event.setKinesis(kinesis);
      records.add(event);
    }
    return records;
  }

  private static JsonArray read(JsonObject request) {
    JsonArray answer = new JsonArray();
    for (UserRecord record : RecordDeaggregator.deaggregate(kinesisRecords(request))) {
      byte[] data = new byte[record.getData().remaining()];
      record.getData().get(data);
      JsonObject json =
          Lines.record(record.getPartitionKey(), record.getExplicitHashKey(), data);
      json.addProperty("sequenceNumber", record.getSequenceNumber());
      json.addProperty("subSequenceNumber", record.getSubSequenceNumber());
      json.addProperty("aggregated", record.isAggregated());
      answer.add(json);
    }
    return answer;
  }
}
