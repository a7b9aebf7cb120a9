import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Java's producer with its defaults: idempotent, acks of all. It makes no events: it sends those of a file, a line of
 * `key TAB value` each, again and again.
 */
public final class ProducerPeer {
  private record Event(byte[] key, byte[] value) {}

  public static void main(String[] arguments) throws IOException {
    List<Event> events = Files.readAllLines(Path.of(System.getenv("EVENTS_FILE"))).stream().map(ProducerPeer::event).toList();
    var properties = new Properties();
    properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, System.getenv("BROKERS"));
    var topic = System.getenv("TOPIC");
    try (var producer = new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      while (true) for (var event : events) producer.send(new ProducerRecord<>(topic, event.key(), event.value()));
    }
  }

  private static Event event(String line) {
    int tab = line.indexOf('\t');
    return new Event(bytes(line.substring(0, tab)), bytes(line.substring(tab + 1)));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
