import exchange.core2.collections.objpool.ObjectsPool;
import exchange.core2.core.common.CoreSymbolSpecification;
import exchange.core2.core.common.MatcherEventType;
import exchange.core2.core.common.MatcherTradeEvent;
import exchange.core2.core.common.OrderAction;
import exchange.core2.core.common.OrderType;
import exchange.core2.core.common.SymbolType;
import exchange.core2.core.common.cmd.CommandResultCode;
import exchange.core2.core.common.cmd.OrderCommand;
import exchange.core2.core.common.cmd.OrderCommandType;
import exchange.core2.core.common.config.LoggingConfiguration;
import exchange.core2.core.orderbook.IOrderBook;
import exchange.core2.core.orderbook.OrderBookDirectImpl;
import exchange.core2.core.orderbook.OrderBookEventsHelper;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** exchange-core's direct order book, unmodified, over a flow in a file: ExchangeCoreBook PATH PASSES. */
public final class ExchangeCoreBook {
  private static final int WORDS = 6;
  private static long trades;
  private static long lots;

  public static void main(String[] args) throws Exception {
    IntBuffer buffer =
        ByteBuffer.wrap(Files.readAllBytes(Path.of(args[0]))).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
    int[] cells = new int[buffer.remaining()];
    buffer.get(cells);
    int rows = cells.length / WORDS;
    long best = Long.MAX_VALUE;
    int live = 0;
    for (int pass = 0; pass < Integer.parseInt(args[1]); pass++) {
      IOrderBook book = book();
      OrderCommand command = new OrderCommand();
      trades = 0;
      lots = 0;
      long start = System.nanoTime();
      for (int at = 0; at < cells.length; at += WORDS) step(book, command, cells, at);
      best = Math.min(best, System.nanoTime() - start);
      live = book.getOrdersNum(OrderAction.ASK) + book.getOrdersNum(OrderAction.BID);
    }
    long countedTrades = trades;
    long countedLots = lots;
    IOrderBook book = book();
    OrderCommand command = new OrderCommand();
    long[] ns = new long[rows];
    long[] clock = new long[10_000];
    for (int i = 0; i < clock.length; i++) clock[i] = -System.nanoTime() + System.nanoTime();
    long last = System.nanoTime();
    for (int at = 0, i = 0; at < cells.length; at += WORDS, i++) {
      step(book, command, cells, at);
      long now = System.nanoTime();
      ns[i] = now - last;
      last = now;
    }
    Arrays.sort(ns);
    Arrays.sort(clock);
    long look = clock[clock.length / 2];
    System.out.printf(
        "{\"units\":%d,\"elapsedNs\":%d,\"trades\":%d,\"lots\":%d,\"live\":%d,\"p50Ns\":%d,\"p99Ns\":%d,\"p999Ns\":%d}%n",
        rows, best, countedTrades, countedLots, live,
        Math.max(0, ns[rows / 2] - look), Math.max(0, ns[(int) (rows * 0.99)] - look),
        Math.max(0, ns[(int) (rows * 0.999)] - look));
  }

  private static IOrderBook book() {
    CoreSymbolSpecification symbol =
        CoreSymbolSpecification.builder()
            .symbolId(1)
            .type(SymbolType.FUTURES_CONTRACT)
            .baseCurrency(1)
            .quoteCurrency(2)
            .baseScaleK(1)
            .quoteScaleK(1)
            .build();
    return new OrderBookDirectImpl(
        symbol, ObjectsPool.createDefaultTestPool(), OrderBookEventsHelper.NON_POOLED_EVENTS_HELPER, LoggingConfiguration.DEFAULT);
  }

  private static void step(IOrderBook book, OrderCommand command, int[] cells, int at) {
    command.matcherEvent = null;
    command.orderId = cells[at + 1];
    command.uid = cells[at + 5];
    command.symbol = 1;
    command.resultCode = CommandResultCode.VALID_FOR_MATCHING_ENGINE;
    switch (cells[at]) {
      case 2:
        command.command = OrderCommandType.CANCEL_ORDER;
        break;
      case 3:
        command.command = OrderCommandType.MOVE_ORDER;
        command.price = cells[at + 3];
        break;
      default:
        command.command = OrderCommandType.PLACE_ORDER;
        command.action = cells[at + 2] > 0 ? OrderAction.BID : OrderAction.ASK;
        command.orderType = cells[at] == 1 ? OrderType.IOC : OrderType.GTC;
        command.price = cells[at + 3];
        command.reserveBidPrice = cells[at + 3];
        command.size = cells[at + 4];
    }
    IOrderBook.processCommand(book, command);
    for (MatcherTradeEvent event = command.matcherEvent; event != null; event = event.nextEvent) {
      if (event.eventType != MatcherEventType.TRADE) continue;
      trades++;
      lots += event.size;
    }
  }
}
