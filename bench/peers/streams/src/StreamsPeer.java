import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * The job as one would write it for speed with Kafka Streams, exactly_once_v2: each task counts the windows of its
 * partition in its heap and sends them to a topic of one partition, where they are merged. No state store: with one, and
 * its changelog, it would survive a crash, and be slower by far.
 */
public final class StreamsPeer {
  private static final long SIZE = number("WINDOW_MS");
  private static final long GRACE = number("GRACE_MS");
  private static final int PARTITIONS = (int) number("PARTITIONS");

  public static void main(String[] arguments) {
    var bytes = Serdes.ByteArray();
    var key = Serdes.Long();
    var topology = new Topology();
    topology.addSource("events", bytes.deserializer(), bytes.deserializer(), text("TOPIC"));
    topology.addProcessor("count", Count::new, "events");
    topology.addSink("counted", text("PARTIALS"), key.serializer(), bytes.serializer(), "count");
    topology.addSource("partials", key.deserializer(), bytes.deserializer(), text("PARTIALS"));
    topology.addProcessor("merge", Merge::new, "partials");
    topology.addSink("merged", text("RESULTS"), key.serializer(), bytes.serializer(), "merge");
    new KafkaStreams(topology, properties()).start();
  }

  private static Properties properties() {
    var properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, text("GROUP"));
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, text("BROKERS"));
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 1000); // as often as our own processor
    properties.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    properties.put(StreamsConfig.STATE_DIR_CONFIG, text("STATE"));
    properties.put(StreamsConfig.producerPrefix("max.request.size"), 16_000_000);
    return properties;
  }

  private static final class Count implements Processor<byte[], byte[], Long, byte[]> {
    private final Windows windows = new Windows(SIZE, GRACE);
    private ProcessorContext<Long, byte[]> context;

    @Override
    public void init(ProcessorContext<Long, byte[]> given) {
      context = given;
    }

    @Override
    public void process(Record<byte[], byte[]> event) {
      windows.count(Event.of(event.value()));
      windows.close((start, window) -> context.forward(new Record<>(start, Window.bytes(window), start)));
    }
  }

  /** A window is whole when the partials of all partitions are there: in this stream each has every window. */
  private static final class Merge implements Processor<Long, byte[], Long, byte[]> {
    private final Map<Long, Window> open = new TreeMap<>();
    private final Map<Long, Integer> parts = new HashMap<>();
    private ProcessorContext<Long, byte[]> context;

    @Override
    public void init(ProcessorContext<Long, byte[]> given) {
      context = given;
    }

    @Override
    public void process(Record<Long, byte[]> partial) {
      long start = partial.key();
      open.computeIfAbsent(start, ignored -> new Window()).add(Window.from(partial.value()));
      if (parts.merge(start, 1, Integer::sum) < PARTITIONS) return;
      parts.remove(start);
      context.forward(new Record<>(start, open.remove(start).result(start), start));
    }
  }

  private static String text(String name) {
    return System.getenv(name);
  }

  private static long number(String name) {
    return Long.parseLong(text(name));
  }
}
