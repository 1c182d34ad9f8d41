package dev.buildman.edge.agent;

import dev.buildman.proto.agent.BuildManagerGrpc;
import dev.buildman.proto.agent.HeartbeatRequest;
import dev.buildman.proto.agent.HeartbeatResponse;
import dev.buildman.proto.agent.LogMessageRequest;
import dev.buildman.proto.agent.LogMessageResponse;
import dev.buildman.testing.agent.SimulatedAgent;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Figures of the agents' listener over real Redis, with server, agents and Redis on one machine.
 * Prints them; asserts nothing, as a busy machine is no fault. Named so that no build runs it:
 * {@code mvn -pl buildman -am verify -Dquick -DskipUnit -Dit.test=AgentEdgeBench}.
 */
@RedisTest
class AgentEdgeBench {
  private static final int AGENTS = 100;
  private static final int LINES_A_MESSAGE = 100;
  private static final int IN_FLIGHT = 4;
  private static final Duration WARM_UP = Duration.ofSeconds(4);
  private static final Duration MEASURE = Duration.ofSeconds(6);

  @Test
  void print(TestRedis redis) throws Exception {
    try (EdgeFixture edge = new EdgeFixture(redis, AgentRates.UNLIMITED)) {
      List<EdgeFixture.Launched> workers = new ArrayList<>();
      for (int i = 0; i < AGENTS; i++) {
        workers.add(edge.launched());
      }
      List<SimulatedAgent> agents = register(edge, workers);
      printRate("heartbeats", rate(agents, this::beats));
      printRate("log lines", rate(agents, this::lines));
      registrations(edge);
    }
  }

  private static List<SimulatedAgent> register(
      EdgeFixture edge, List<EdgeFixture.Launched> workers) {
    return workers.stream()
        .map(
            worker -> {
              SimulatedAgent agent = SimulatedAgent.ours(edge.channel());
              agent.register(worker.token());
              return agent;
            })
        .toList();
  }

  /** Registrations of builds that stay unheard, so that each may be made again and again. */
  private static void registrations(EdgeFixture edge) throws InterruptedException {
    List<EdgeFixture.Launched> workers =
        IntStream.range(0, 20).mapToObj(_ -> edge.launched()).toList();
    LongAdder done = new LongAdder();
    AtomicBoolean stop = new AtomicBoolean();
    CountDownLatch ended = new CountDownLatch(workers.size());
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (EdgeFixture.Launched worker : workers) {
        SimulatedAgent agent = SimulatedAgent.ours(edge.channel());
        threads.execute(
            () -> {
              while (!stop.get()) {
                agent.register(worker.token());
                done.increment();
              }
              ended.countDown();
            });
      }
      Thread.sleep(WARM_UP);
      long before = done.sum();
      Thread.sleep(MEASURE);
      printRate("registrations", (double) (done.sum() - before) / MEASURE.toSeconds());
      stop.set(true);
      ended.await(10, TimeUnit.SECONDS);
    }
  }

  private void beats(SimulatedAgent agent, LongAdder done, AtomicBoolean stop) {
    new Pump<HeartbeatRequest, HeartbeatResponse>(
            answers -> BuildManagerGrpc.newStub(agent.calls().getChannel()).heartbeat(answers),
            agent::beat,
            _ -> done.increment(),
            stop)
        .start(1);
  }

  private void lines(SimulatedAgent agent, LongAdder done, AtomicBoolean stop) {
    String[] texts = new String[LINES_A_MESSAGE];
    Arrays.fill(
        texts,
        "{\"stream\":\"#7 12.31 a line of some eighty characters, as builds print them\\n\"}");
    new Pump<LogMessageRequest, LogMessageResponse>(
            answers -> BuildManagerGrpc.newStub(agent.calls().getChannel()).logMessage(answers),
            () -> agent.lines(texts),
            _ -> done.add(LINES_A_MESSAGE),
            stop)
        .start(IN_FLIGHT);
  }

  @FunctionalInterface
  private interface Load {
    void start(SimulatedAgent agent, LongAdder done, AtomicBoolean stop);
  }

  private static double rate(List<SimulatedAgent> agents, Load load) throws InterruptedException {
    LongAdder done = new LongAdder();
    AtomicBoolean stop = new AtomicBoolean();
    agents.forEach(agent -> load.start(agent, done, stop));
    Thread.sleep(WARM_UP);
    long before = done.sum();
    Thread.sleep(MEASURE);
    double rate = (double) (done.sum() - before) / MEASURE.toSeconds();
    stop.set(true);
    return rate;
  }

  private static void printRate(String what, double rate) {
    System.out.println(String.format(Locale.ROOT, "%,12.0f %s/s, %d agents", rate, what, AGENTS));
  }

  /** Sends the next message whenever one was answered. */
  private static final class Pump<Q, A> implements StreamObserver<A> {
    private final StreamObserver<Q> requests;
    private final Supplier<Q> next;
    private final Consumer<A> answered;
    private final AtomicBoolean stop;

    Pump(
        Function<StreamObserver<A>, StreamObserver<Q>> open,
        Supplier<Q> next,
        Consumer<A> answered,
        AtomicBoolean stop) {
      this.next = next;
      this.answered = answered;
      this.stop = stop;
      this.requests = open.apply(this);
    }

    synchronized void start(int inFlight) {
      for (int i = 0; i < inFlight; i++) {
        requests.onNext(next.get());
      }
    }

    @Override
    public synchronized void onNext(A answer) {
      answered.accept(answer);
      if (!stop.get()) {
        requests.onNext(next.get());
      }
    }

    @Override
    public void onError(Throwable cause) {
      if (!stop.get()) {
        System.out.println("stream broken: " + cause);
      }
    }

    @Override
    public void onCompleted() {
      stop.set(true);
    }
  }
}
