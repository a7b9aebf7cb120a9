import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** What is counted of one window. As JSON it travels from the tasks of Kafka Streams to their merger. */
public final class Window {
  private static final ObjectMapper JSON = new ObjectMapper();

  public long events;
  public long duration;
  public Set<String> users = new HashSet<>();
  public Set<String> sessions = new HashSet<>();
  public Map<String, Long> eventTypes = new HashMap<>();
  public Map<String, Long> devices = new HashMap<>();
  public Map<String, Long> referrers = new HashMap<>();
  public Map<String, Long> pages = new HashMap<>();

  void count(Event event) {
    events++;
    duration += event.duration;
    users.add(event.user);
    sessions.add(event.session);
    eventTypes.merge(event.type, 1L, Long::sum);
    devices.merge(event.device, 1L, Long::sum);
    referrers.merge(event.referrer, 1L, Long::sum);
    pages.merge(event.page, 1L, Long::sum);
  }

  void add(Window other) {
    events += other.events;
    duration += other.duration;
    users.addAll(other.users);
    sessions.addAll(other.sessions);
    other.eventTypes.forEach((name, count) -> eventTypes.merge(name, count, Long::sum));
    other.devices.forEach((name, count) -> devices.merge(name, count, Long::sum));
    other.referrers.forEach((name, count) -> referrers.merge(name, count, Long::sum));
    other.pages.forEach((name, count) -> pages.merge(name, count, Long::sum));
  }

  byte[] result(long start) {
    var result = new LinkedHashMap<String, Object>();
    result.put("window_start", Instant.ofEpochMilli(start).toString());
    result.put("total_events", events);
    result.put("unique_users", users.size());
    result.put("unique_sessions", sessions.size());
    result.put("event_types", eventTypes);
    result.put("devices", devices);
    result.put("top_referrers", top(referrers, 3));
    result.put("top_pages", top(pages, 5));
    result.put("avg_duration_ms", (2 * duration + events) / (2 * events));
    return bytes(result);
  }

  static byte[] bytes(Object value) {
    try {
      return JSON.writeValueAsBytes(value);
    } catch (IOException error) {
      throw new IllegalStateException(error);
    }
  }

  static Window from(byte[] bytes) {
    try {
      return JSON.readValue(bytes, Window.class);
    } catch (IOException error) {
      throw new IllegalStateException(error);
    }
  }

  private static Map<String, Long> top(Map<String, Long> counts, int most) {
    var ranked = new LinkedHashMap<String, Long>();
    counts.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()).thenComparing(Map.Entry.comparingByKey()))
        .limit(most)
        .forEach(entry -> ranked.put(entry.getKey(), entry.getValue()));
    return ranked;
  }
}
