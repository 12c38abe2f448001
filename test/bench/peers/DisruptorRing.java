// The LMAX Disruptor at the work of test/bench/ring-once.ts: events of 8 doubles, all of them written and summed, the
// sum checked; windows of 10 ms in which both threads had a core, after 2 s for the compiler. Prints one JSON object.
// Arguments: stream <batch|each> <yielding|busySpin> [capacity] [consumers] | trips <yielding|busySpin>.
import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.BatchEventProcessorBuilder;
import com.lmax.disruptor.BusySpinWaitStrategy;
import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.WaitStrategy;
import com.lmax.disruptor.YieldingWaitStrategy;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

public final class DisruptorRing {
  static final int CHUNK = 6400;
  static final int BATCH = 64;
  static final double CORES_MIN = 1.7;
  static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  static final class Event {
    double a, b, c, d, e, f, g, h;
  }

  record Window(long units, double elapsedNs, double cores) {}

  static final class Sum implements EventHandler<Event> {
    double sum;

    @Override
    public void onEvent(Event event, long sequence, boolean isLast) {
      sum += ((event.a + event.b) + (event.c + event.d)) + ((event.e + event.f) + (event.g + event.h));
    }
  }

  static void fill(Event event, double n) {
    event.a = n;
    event.b = n;
    event.c = n;
    event.d = n;
    event.e = n;
    event.f = n;
    event.g = n;
    event.h = n;
  }

  static WaitStrategy waiting(String name) {
    return name.equals("yielding") ? new YieldingWaitStrategy() : new BusySpinWaitStrategy();
  }

  /** Of this thread and the others: the time of the process is counted in steps of 10 ms here. */
  static long cpuNs(List<Thread> others) {
    long sum = THREADS.getCurrentThreadCpuTime();
    for (Thread thread : others) sum += THREADS.getThreadCpuTime(thread.getId());
    return sum;
  }

  static Thread start(BatchEventProcessor<Event> processor) {
    Thread thread = new Thread(processor);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  static void sendBatches(RingBuffer<Event> ring) {
    for (int n = 0; n < CHUNK; n += BATCH) {
      long last = ring.next(BATCH);
      long first = last - BATCH + 1;
      for (int k = 0; k < BATCH; k++) fill(ring.get(first + k), n + k);
      ring.publish(first, last);
    }
  }

  static void sendOneByOne(RingBuffer<Event> ring) {
    for (int n = 0; n < CHUNK; n++) {
      long at = ring.next();
      fill(ring.get(at), n);
      ring.publish(at);
    }
  }

  static void stream(String kind, String waiting, int capacity, int consumers) throws Exception {
    RingBuffer<Event> ring = RingBuffer.createSingleProducer(Event::new, capacity, waiting(waiting));
    List<Sum> sums = new ArrayList<>();
    List<BatchEventProcessor<Event>> processors = new ArrayList<>();
    for (int index = 0; index < consumers; index++) {
      Sum sum = new Sum();
      BatchEventProcessor<Event> processor = new BatchEventProcessorBuilder().build(ring, ring.newBarrier(), sum);
      sums.add(sum);
      processors.add(processor);
      ring.addGatingSequences(processor.getSequence());
    }
    List<Thread> threads = new ArrayList<>();
    for (BatchEventProcessor<Event> processor : processors) threads.add(start(processor));
    boolean isBatch = kind.equals("batch");
    long chunks = 0;
    List<Window> windows = new ArrayList<>();
    int good = 0;
    long begin = System.nanoTime();
    while (System.nanoTime() - begin < 5_000_000_000L && good < 5) {
      long cpu = cpuNs(threads);
      long start = System.nanoTime();
      long before = chunks;
      do {
        if (isBatch) sendBatches(ring);
        else sendOneByOne(ring);
        chunks++;
      } while (System.nanoTime() - start < 10_000_000L);
      for (BatchEventProcessor<Event> processor : processors) await(processor.getSequence(), ring.getCursor());
      double elapsed = System.nanoTime() - start;
      double cores = (cpuNs(threads) - cpu) / elapsed;
      if (System.nanoTime() - begin < 2_000_000_000L) continue;
      windows.add(new Window((chunks - before) * CHUNK, elapsed, cores));
      if (cores >= CORES_MIN) good++;
    }
    for (BatchEventProcessor<Event> processor : processors) processor.halt();
    for (Thread thread : threads) thread.join();
    double expected = 8.0 * ((double) CHUNK * (CHUNK - 1) / 2) * chunks;
    for (Sum sum : sums) {
      if (sum.sum != expected) throw new IllegalStateException("sum " + sum.sum + ", expected " + expected);
    }
    Window chosen = choose(windows);
    print("{\"units\":%d,\"elapsedNs\":%.0f,\"cores\":%.3f}", chosen.units, chosen.elapsedNs, chosen.cores);
  }

  static void await(Sequence sequence, long cursor) {
    while (sequence.get() < cursor) Thread.onSpinWait();
  }

  static Window choose(List<Window> windows) {
    List<Window> good = new ArrayList<>(windows);
    good.removeIf(window -> window.cores < CORES_MIN);
    if (good.isEmpty()) return windows.stream().max(Comparator.comparingDouble(Window::cores)).orElseThrow();
    good.sort(Comparator.comparingDouble(window -> window.elapsedNs / window.units));
    return good.get(good.size() / 2);
  }

  static final class Back implements EventHandler<Event> {
    final RingBuffer<Event> ring;

    Back(RingBuffer<Event> ring) {
      this.ring = ring;
    }

    @Override
    public void onEvent(Event event, long sequence, boolean isLast) {
      long at = ring.next();
      ring.get(at).a = event.a;
      ring.publish(at);
    }
  }

  static void trips(String waiting) throws Exception {
    final int count = 200_000;
    final int warm = 200_000;
    RingBuffer<Event> there = RingBuffer.createSingleProducer(Event::new, 64, waiting(waiting));
    RingBuffer<Event> back = RingBuffer.createSingleProducer(Event::new, 64, waiting(waiting));
    BatchEventProcessor<Event> echo =
        new BatchEventProcessorBuilder().build(there, there.newBarrier(), new Back(back));
    there.addGatingSequences(echo.getSequence());
    Sequence read = new Sequence(-1);
    back.addGatingSequences(read);
    var barrier = back.newBarrier();
    Thread thread = start(echo);
    double[] ways = new double[count];
    double lookNs = lookNs();
    long cpu = 0;
    long start = 0;
    for (int n = -warm; n < count; n++) {
      if (n == 0) {
        cpu = cpuNs(List.of(thread));
        start = System.nanoTime();
      }
      long sent = System.nanoTime();
      long at = there.next();
      there.get(at).a = n;
      there.publish(at);
      barrier.waitFor(at);
      if (back.get(at).a != n) throw new IllegalStateException("another message came back");
      read.set(at);
      if (n >= 0) ways[n] = (System.nanoTime() - sent - lookNs) / 2.0;
    }
    double elapsed = System.nanoTime() - start;
    double cores = (cpuNs(List.of(thread)) - cpu) / elapsed;
    echo.halt();
    thread.join();
    Arrays.sort(ways);
    print(
        "{\"units\":%d,\"elapsedNs\":%.0f,\"cores\":%.3f,\"p50Ns\":%.1f,\"p99Ns\":%.1f,\"p999Ns\":%.1f}",
        count, elapsed, cores, ways[count / 2], ways[(int) (0.99 * count)], ways[(int) (0.999 * count)]);
  }

  /** What one look at the clock takes: the median of pairs of them. */
  static double lookNs() {
    double[] looks = new double[100_000];
    for (int round = 0; round < 5; round++) {
      for (int n = 0; n < looks.length; n++) {
        long before = System.nanoTime();
        looks[n] = System.nanoTime() - before;
      }
    }
    Arrays.sort(looks);
    return looks[looks.length / 2];
  }

  static void print(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }

  public static void main(String[] args) throws Exception {
    if (args[0].equals("trips")) {
      trips(args[1]);
      return;
    }
    int capacity = args.length > 3 ? Integer.parseInt(args[3]) : 65_536;
    int consumers = args.length > 4 ? Integer.parseInt(args[4]) : 1;
    stream(args[1], args[2], capacity, consumers);
  }
}
