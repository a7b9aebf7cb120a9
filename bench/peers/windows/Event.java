import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Map;

/** An event; read field by field: Jackson's fastest way. */
public final class Event {
  private static final JsonFactory JSON = new JsonFactory();

  /** Milliseconds since the epoch. */
  public long at;
  /** Milliseconds. */
  public long duration;
  public Map<String, String> fields = new HashMap<>(16);

  static Event of(byte[] value) {
    var event = new Event();
    try (JsonParser parser = JSON.createParser(value)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        var name = parser.currentName();
        if (parser.nextToken() == JsonToken.VALUE_NUMBER_INT) event.duration = parser.getLongValue();
        else event.fields.put(name, parser.getText());
      }
    } catch (IOException error) {
      throw new IllegalArgumentException(error);
    }
    event.at = millis(event.fields.get("timestamp"));
    return event;
  }

  /** Of `2026-01-31T23:59:59.123Z`: a tenth of the cost of Instant.parse. */
  private static long millis(String text) {
    long day = LocalDate.of(digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10)).toEpochDay();
    long seconds = ((day * 24 + digits(text, 11, 13)) * 60 + digits(text, 14, 16)) * 60 + digits(text, 17, 19);
    return seconds * 1000 + digits(text, 20, 23);
  }

  private static int digits(String text, int from, int to) {
    int value = 0;
    for (int at = from; at < to; at++) value = value * 10 + text.charAt(at) - '0';
    return value;
  }
}
