import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.serialization.AbstractDeserializationSchema;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.windowing.ProcessAllWindowFunction;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/**
 * The job as Flink's documentation writes it: a source with watermarks, an aggregate over all windows, a sink. State is in
 * the heap and goes to a checkpoint as often as our own processor commits, with which the transactions of the sink end.
 * Between source and windows each event is serialized; with DataStreamUtils.reinterpretAsKeyedStream, which is experimental
 * and takes the one task for granted, it was not, and the whole took 0.8 of the processor time.
 */
public final class FlinkPeer {
  public static void main(String[] arguments) throws Exception {
    var environment = StreamExecutionEnvironment.createLocalEnvironment(1, configuration());
    var grace = Duration.ofMillis(number("GRACE_MS"));
    var size = Duration.ofMillis(number("WINDOW_MS"));
    var watermarks =
        WatermarkStrategy.<Event>forBoundedOutOfOrderness(grace).withTimestampAssigner((event, ignored) -> event.at);
    environment
        .fromSource(source(), watermarks, "events")
        .windowAll(TumblingEventTimeWindows.of(size))
        .aggregate(new Count(), new Result())
        .sinkTo(sink());
    environment.execute();
  }

  private static Configuration configuration() {
    var configuration = new Configuration();
    configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofSeconds(1));
    configuration.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
    configuration.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, "file://" + text("STATE"));
    configuration.set(PipelineOptions.OBJECT_REUSE, true); // no copy of an event between operators
    return configuration;
  }

  private static KafkaSource<Event> source() {
    return KafkaSource.<Event>builder()
        .setBootstrapServers(text("BROKERS"))
        .setTopics(text("TOPIC"))
        .setGroupId(text("GROUP"))
        .setStartingOffsets(OffsetsInitializer.earliest())
        .setProperty("isolation.level", "read_committed")
        .setValueOnlyDeserializer(new Parse())
        .build();
  }

  private static KafkaSink<byte[]> sink() {
    var results =
        KafkaRecordSerializationSchema.<byte[]>builder()
            .setTopic(text("RESULTS"))
            .setValueSerializationSchema(new AsItIs())
            .build();
    return KafkaSink.<byte[]>builder()
        .setBootstrapServers(text("BROKERS"))
        .setRecordSerializer(results)
        .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
        .setTransactionalIdPrefix(text("GROUP"))
        .setProperty("transaction.timeout.ms", "900000") // the most that brokers allow; the sink's own is an hour
        .build();
  }

  private static final class Parse extends AbstractDeserializationSchema<Event> {
    @Override
    public Event deserialize(byte[] value) {
      return Event.of(value);
    }
  }

  private static final class AsItIs implements SerializationSchema<byte[]> {
    @Override
    public byte[] serialize(byte[] value) {
      return value;
    }
  }

  private static final class Count implements AggregateFunction<Event, Window, Window> {
    @Override
    public Window createAccumulator() {
      return new Window();
    }

    @Override
    public Window add(Event event, Window window) {
      window.count(event);
      return window;
    }

    @Override
    public Window getResult(Window window) {
      return window;
    }

    @Override
    public Window merge(Window one, Window other) {
      one.add(other);
      return one;
    }
  }

  private static final class Result extends ProcessAllWindowFunction<Window, byte[], TimeWindow> {
    @Override
    public void process(Context context, Iterable<Window> windows, Collector<byte[]> out) {
      for (var window : windows) out.collect(window.result(context.window().getStart()));
    }
  }

  private static String text(String name) {
    return System.getenv(name);
  }

  private static long number(String name) {
    return Long.parseLong(text(name));
  }
}
