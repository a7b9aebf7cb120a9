import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.time.LocalDate;

/** What is counted of an event; read field by field: Jackson's fastest way. */
public final class Event {
  private static final JsonFactory JSON = new JsonFactory();

  /** Milliseconds since the epoch. */
  public long at;
  /** Milliseconds. */
  public long duration;
  public String user;
  public String session;
  public String type;
  public String device;
  public String referrer;
  public String page;

  static Event of(byte[] value) {
    var event = new Event();
    try (JsonParser parser = JSON.createParser(value)) {
      parser.nextToken();
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        parser.nextToken();
        event.take(name, parser);
      }
    } catch (IOException error) {
      throw new IllegalArgumentException(error);
    }
    return event;
  }

  private void take(String name, JsonParser parser) throws IOException {
    switch (name) {
      case "timestamp" -> at = millis(parser.getText());
      case "duration_ms" -> duration = parser.getLongValue();
      case "user_id" -> user = parser.getText();
      case "session_id" -> session = parser.getText();
      case "event_type" -> type = parser.getText();
      case "device_type" -> device = parser.getText();
      case "referrer" -> referrer = parser.getText();
      case "page_url" -> page = parser.getText();
      default -> {} // not counted
    }
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
