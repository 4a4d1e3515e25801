import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Answers each request, a line of JSON on stdin, with a line of JSON on stdout. */
final class Lines {
  interface Answer {
    JsonElement to(JsonObject request) throws Exception;
  }

  interface Work {
    /** Returns how many user records there were. */
    int once() throws Exception;
  }

  /**
   * Repeats work for as many milliseconds of CPU time as the request says. Answers how often, and how many user records and
   * nanoseconds that were. All threads count: the compiler's and the garbage collector's too.
   */
  static JsonObject time(JsonObject request, Work work) throws Exception {
    var system =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long limit = request.get("milliseconds").getAsLong() * 1_000_000;
    long start = system.getProcessCpuTime();
    long iterations = 0;
    long records = 0;
    long taken;
    do {
      records += work.once();
      iterations++;
      taken = system.getProcessCpuTime() - start;
    } while (taken < limit);
    JsonObject answer = new JsonObject();
    answer.addProperty("iterations", iterations);
    answer.addProperty("records", records);
    answer.addProperty("nanoseconds", taken);
    return answer;
  }

  static void serve(Answer answer) throws IOException {
    Gson gson = new Gson();
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    // Whatever else a library prints must not come between the answers.
    System.setOut(System.err);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = in.readLine()) != null; ) {
      JsonElement reply;
      try {
        reply = answer.to(gson.fromJson(line, JsonObject.class));
      } catch (Exception | LinkageError e) {
        JsonObject error = new JsonObject();
        error.addProperty("error", e.toString());
        reply = error;
      }
      out.println(gson.toJson(reply));
    }
  }

  /** The records of a request. */
  static Iterable<JsonElement> records(JsonObject request) {
    return request.getAsJsonArray("records");
  }

  /** A field that may be absent. */
  static String text(JsonObject object, String name) {
    return object.has(name) ? object.get(name).getAsString() : null;
  }

  static byte[] data(JsonObject record) {
    return Base64.getDecoder().decode(text(record, "data"));
  }

  /** A record of an answer; without a hash key, the field is absent. */
  static JsonObject record(String partitionKey, String explicitHashKey, byte[] data) {
    JsonObject record = new JsonObject();
    record.addProperty("partitionKey", partitionKey);
    if (explicitHashKey != null) record.addProperty("explicitHashKey", explicitHashKey);
    record.addProperty("data", Base64.getEncoder().encodeToString(data));
    return record;
  }

  private Lines() {}
}
