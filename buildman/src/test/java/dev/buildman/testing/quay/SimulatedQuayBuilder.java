package dev.buildman.testing.quay;

import dev.buildman.proto.agent.BuildJobArgs;
import dev.buildman.proto.agent.BuildManagerGrpc;
import dev.buildman.proto.agent.BuildPack;
import dev.buildman.proto.agent.CachedTagRequest;
import dev.buildman.proto.agent.HeartbeatRequest;
import dev.buildman.proto.agent.HeartbeatResponse;
import dev.buildman.proto.agent.LogMessageRequest;
import dev.buildman.proto.agent.LogMessageResponse;
import dev.buildman.proto.agent.Phase;
import dev.buildman.proto.agent.PingRequest;
import dev.buildman.proto.agent.SetPhaseRequest;
import dev.buildman.proto.agent.SetPhaseResponse;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Quay's worker: its calls, their order, its deadlines, what it heeds and what it ignores, and its
 * exit status. It builds nothing and fetches nothing. {@code SimulatedQuayBuilderIT} holds it
 * against recorded conversations of the real one.
 *
 * <p>One difference: the real one's process ends with a bare FIN, this one resets its streams
 * first. The other side sees them cancelled either way.
 */
public final class SimulatedQuayBuilder implements AutoCloseable {
  /** Of the dial and of each unary call. */
  private static final int DEADLINE_SECONDS = 10;

  private static final int REFUSALS_TO_EXIT = 3;

  private final QuayPlan plan;
  private final Transcript transcript = new Transcript();
  private final CompletableFuture<Integer> exit = new CompletableFuture<>();
  private final ManagedChannel channel;
  private final Thread main;
  private int sequence;
  private int line;
  private String jobToken = "";
  private @Nullable QuayStream<LogMessageRequest, LogMessageResponse> logs;
  private @Nullable QuayStream<HeartbeatRequest, HeartbeatResponse> beats;

  private SimulatedQuayBuilder(QuayPlan plan) {
    this.plan = plan;
    this.channel = plan.dial().get();
    this.main = Thread.ofVirtual().name("quay-builder").unstarted(this::run);
  }

  public static SimulatedQuayBuilder start(QuayPlan plan) {
    SimulatedQuayBuilder builder = new SimulatedQuayBuilder(plan);
    builder.main.start();
    return builder;
  }

  /** What it said so far. */
  public Transcript transcript() {
    return transcript;
  }

  /** The job token it was given; empty before it registered. */
  public synchronized String jobToken() {
    return jobToken;
  }

  /** Its exit status once it ends. */
  public CompletableFuture<Integer> exit() {
    return exit;
  }

  /** Waits for its exit status. */
  public int awaitExit() throws Exception {
    return exit.get(30, TimeUnit.SECONDS);
  }

  /** Lets it go on from where its plan holds it. */
  public void release() {
    plan.building().countDown();
    plan.pushing().countDown();
  }

  /** As {@code kill -9}. */
  @Override
  public void close() {
    end(-9);
  }

  private void run() {
    try {
      BuildPack pack = register();
      prepare();
      cachedTag(pack);
      build();
      push();
      end(0);
    } catch (Exited e) {
      end(e.status());
    } catch (InterruptedException e) {
      end(-9);
    }
  }

  private BuildPack register() throws InterruptedException {
    dial();
    try {
      transcript.add("Ping");
      if (!"pong".equals(calls().ping(PingRequest.getDefaultInstance()).getReply())) {
        throw new Exited(1);
      }
      logs = QuayStream.open(stream -> BuildManagerGrpc.newStub(channel).logMessage(stream));
      transcript.add("RegisterBuildJob");
      BuildPack pack =
          calls().registerBuildJob(BuildJobArgs.newBuilder().setRegisterJwt(plan.token()).build());
      boolean nothingToBuild = pack.getPackageUrl().isEmpty() && !pack.hasGitPackage();
      if (nothingToBuild || plan.fault() == QuayPlan.Fault.UNKNOWN_RUNTIME) {
        throw new Exited(1);
      }
      synchronized (this) {
        jobToken = pack.getJobJwt();
      }
      return pack;
    } catch (StatusRuntimeException e) {
      throw new Exited(1);
    }
  }

  private void dial() throws InterruptedException {
    CompletableFuture<Void> ready = new CompletableFuture<>();
    watch(ready);
    try {
      ready.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      throw new Exited(1);
    }
  }

  private void watch(CompletableFuture<Void> ready) {
    ConnectivityState state = channel.getState(true);
    if (state == ConnectivityState.READY) {
      ready.complete(null);
    } else {
      channel.notifyWhenStateChanged(state, () -> watch(ready));
    }
  }

  private void prepare() throws InterruptedException {
    beats = QuayStream.open(stream -> BuildManagerGrpc.newStub(channel).heartbeat(stream));
    Thread.ofVirtual().name("quay-builder-heartbeat").start(this::beat);
    failIf(QuayPlan.Fault.ENGINE_DOWN, 1);
    counted(Phase.UNPACKING, SetPhaseRequest.PullMetadata.getDefaultInstance());
    failIf(QuayPlan.Fault.PACKAGE_IS_NO_ARCHIVE, 1);
    failIf(QuayPlan.Fault.PARSER_PANIC, 2);
    counted(
        Phase.PULLING,
        SetPhaseRequest.PullMetadata.newBuilder()
            .setRegistryUrl("127.0.0.1:5610")
            .setBaseImage("127.0.0.1:5610/lib/base")
            .setBaseImageTag("1")
            .build());
    failIf(QuayPlan.Fault.BASE_MISSING, 1);
    print(plan.lines().pulling());
  }

  private void cachedTag(BuildPack pack) {
    try {
      setPhase(Phase.PULLING, SetPhaseRequest.PullMetadata.getDefaultInstance());
    } catch (StatusRuntimeException e) {
      transcript.add("(answer ignored)");
    }
    transcript.add("DetermineCachedTag");
    String tag;
    try {
      tag =
          calls()
              .determineCachedTag(
                  CachedTagRequest.newBuilder()
                      .setJobJwt(jobToken)
                      .setBaseImageName("127.0.0.1:5610/lib/base")
                      .setBaseImageTag("1")
                      .setBaseImageId(
                          "dab9ccfb8a3dab63d4e08be7dfb465e7c0084e6cbf9891418c61fab4553c96c0")
                      .build())
              .getCachedTag();
    } catch (StatusRuntimeException e) {
      throw new Exited(1);
    }
    if (!tag.isEmpty() && !pack.getPullToken().isEmpty()) {
      counted(Phase.PULLING, SetPhaseRequest.PullMetadata.getDefaultInstance());
    }
  }

  private void build() throws InterruptedException {
    counted(Phase.BUILDING, SetPhaseRequest.PullMetadata.getDefaultInstance());
    print(plan.lines().building());
    hold(plan.building());
    failIf(QuayPlan.Fault.BUILD_FAILS, 1);
  }

  private void push() throws InterruptedException {
    counted(Phase.PUSHING, SetPhaseRequest.PullMetadata.getDefaultInstance());
    print(plan.lines().pushing());
    hold(plan.pushing());
    failIf(QuayPlan.Fault.PUSH_DENIED, 1);
    if (beats != null && !beats.isBroken()) {
      transcript.add("Heartbeat reset");
      beats.reset();
    }
    counted(Phase.COMPLETE, SetPhaseRequest.PullMetadata.getDefaultInstance());
    if (logs != null && !logs.isBroken()) {
      transcript.add("LogMessage reset");
      logs.reset();
    }
  }

  /** Any other answer than success with the same number ends the worker. */
  private void counted(Phase phase, SetPhaseRequest.PullMetadata metadata) {
    try {
      SetPhaseResponse answer = setPhase(phase, metadata);
      if (!answer.getSuccess() || answer.getSequenceNumber() != sequence) {
        throw new Exited(1);
      }
    } catch (StatusRuntimeException e) {
      throw new Exited(1);
    }
  }

  private SetPhaseResponse setPhase(Phase phase, SetPhaseRequest.PullMetadata metadata) {
    sequence++;
    boolean filled = !metadata.getRegistryUrl().isEmpty();
    transcript.add("SetPhase " + sequence + " " + phase + (filled ? " with metadata" : ""));
    return calls()
        .setPhase(
            SetPhaseRequest.newBuilder()
                .setJobJwt(jobToken)
                .setSequenceNumber(sequence)
                .setPhase(phase)
                .setPullMetadata(metadata)
                .build());
  }

  /** One line in flight; what is answered does not matter, that it is answered does. */
  private void print(List<String> lines) throws InterruptedException {
    var stream = logs;
    for (String text : lines) {
      line++;
      if (stream == null || stream.isBroken()) {
        continue;
      }
      transcript.add("LogMessage " + line);
      var request =
          LogMessageRequest.newBuilder()
              .setJobJwt(jobToken)
              .setSequenceNumber(line)
              .setLogMessage(text)
              .build();
      Optional<LogMessageResponse> ignored = stream.ask(request);
      if (ignored.isEmpty()) {
        transcript.add("(log lost)");
      }
    }
  }

  /** Heeds nothing but three refusals in a row; a broken stream is left alone. */
  private void beat() {
    int refusals = 0;
    try {
      while (!exit.isDone()) {
        transcript.add("Heartbeat");
        var stream = beats;
        Optional<HeartbeatResponse> answer =
            stream == null
                ? Optional.empty()
                : stream.ask(HeartbeatRequest.newBuilder().setJobJwt(jobToken).build());
        if (answer.isEmpty()) {
          return;
        }
        refusals = answer.get().getReply() ? 0 : refusals + 1;
        if (refusals == REFUSALS_TO_EXIT) {
          end(1);
        } else if (refusals == 0) {
          Thread.sleep(plan.beat());
        }
      }
    } catch (InterruptedException e) {
      end(-9);
    }
  }

  private static void hold(CountDownLatch latch) throws InterruptedException {
    latch.await();
  }

  private void failIf(QuayPlan.Fault fault, int status) {
    if (plan.fault() == fault) {
      throw new Exited(status);
    }
  }

  private BuildManagerGrpc.BuildManagerBlockingStub calls() {
    return BuildManagerGrpc.newBlockingStub(channel)
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  private void end(int status) {
    if (!exit.isDone()) {
      transcript.add("exit " + status);
    }
    channel.shutdownNow();
    if (exit.complete(status) && Thread.currentThread() != main) {
      main.interrupt();
    }
  }

  /** Ends the worker with a status. */
  private static final class Exited extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final int status;

    Exited(int status) {
      super("exit " + status);
      this.status = status;
    }

    int status() {
      return status;
    }
  }
}
