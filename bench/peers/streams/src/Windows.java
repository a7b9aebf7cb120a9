import java.util.TreeMap;
import java.util.function.BiConsumer;

/** The windows of one partition, in the heap. */
final class Windows {
  private final long size;
  private final long grace;
  private final TreeMap<Long, Window> open = new TreeMap<>();
  private long newest = Long.MIN_VALUE;
  private long closed = Long.MIN_VALUE;

  Windows(long size, long grace) {
    this.size = size;
    this.grace = grace;
  }

  void count(Event event) {
    newest = Math.max(newest, event.at);
    long start = event.at - event.at % size;
    if (start < closed) return; // late
    open.computeIfAbsent(start, ignored -> new Window()).count(event);
  }

  /** Gives each window that has ended, in order. */
  void close(BiConsumer<Long, Window> ended) {
    long watermark = newest - grace;
    closed = Math.max(closed, watermark - watermark % size);
    while (!open.isEmpty() && open.firstKey() < closed) {
      var first = open.pollFirstEntry();
      ended.accept(first.getKey(), first.getValue());
    }
  }
}
