package dev.buildman.agent.link;

import dev.buildman.agent.config.ManagerAddress;
import dev.buildman.agent.config.ManagerAddress.Transport;
import dev.buildman.proto.agent.BuildJobArgs;
import dev.buildman.proto.agent.BuildManagerGrpc.BuildManagerImplBase;
import dev.buildman.proto.agent.BuildPack;
import dev.buildman.proto.agent.CachedTag;
import dev.buildman.proto.agent.CachedTagRequest;
import dev.buildman.proto.agent.HeartbeatRequest;
import dev.buildman.proto.agent.HeartbeatResponse;
import dev.buildman.proto.agent.LogMessageRequest;
import dev.buildman.proto.agent.LogMessageResponse;
import dev.buildman.proto.agent.Phase;
import dev.buildman.proto.agent.PingReply;
import dev.buildman.proto.agent.PingRequest;
import dev.buildman.proto.agent.SetPhaseRequest;
import dev.buildman.proto.agent.SetPhaseResponse;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A manager on loopback for one build, which keeps the rules of the wire (a repeated phase number
 * gets its first answer, log lines are stored once) and has controls for everything that can go
 * wrong. Safe for any thread.
 */
public final class TestManager implements AutoCloseable {

  private final Deque<Fault> registerFaults = new ArrayDeque<>();
  private final Deque<Fault> phaseFaults = new ArrayDeque<>();
  private final Deque<Fault> logFaults = new ArrayDeque<>();
  private final Deque<HeartbeatResponse> beatAnswers = new ArrayDeque<>();
  private final List<BuildJobArgs> registrations = new ArrayList<>();
  private final List<SetPhaseRequest> phaseRequests = new ArrayList<>();
  private final List<SetPhaseRequest> phases = new ArrayList<>();
  private final List<String> logLines = new ArrayList<>();
  private final List<StreamObserver<?>> streams = new ArrayList<>();
  private final Deque<BuildPack> nextPacks = new ArrayDeque<>();
  private final BuildPack pack;
  private final ServerCredentials credentials;
  private int logStreams;
  private int heartbeatStreams;
  private int beats;
  private HeartbeatRequest lastBeat = HeartbeatRequest.getDefaultInstance();
  private int maxBatch;
  private @Nullable StreamObserver<HeartbeatResponse> lastHeartbeat;
  private @Nullable Status heartbeatStatus;
  private @Nullable String phaseRefusal;
  private @Nullable String cachedTag;
  private final List<CachedTagRequest> cacheQuestions = new ArrayList<>();
  private boolean beatsHeld;
  private int port;
  private volatile long registeredNanos;
  private volatile long phaseNanos;
  private Server server;

  /** Starts one that hands out this build, without TLS. */
  public TestManager(BuildPack pack) throws IOException {
    this(pack, InsecureServerCredentials.create());
  }

  /** Starts one that hands out this build. */
  public TestManager(BuildPack pack, ServerCredentials credentials) throws IOException {
    this.pack = pack;
    this.credentials = credentials;
    this.server = serve();
    this.port = server.getPort();
  }

  private Server serve() throws IOException {
    return NettyServerBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port), credentials)
        .addService(new Service())
        .build()
        .start();
  }

  /** Where it listens, without TLS. */
  public ManagerAddress address() {
    return address(new Transport.Plaintext());
  }

  /** Where it listens, for one who speaks to it like this. */
  public ManagerAddress address(Transport transport) {
    return new ManagerAddress("127.0.0.1", port, transport);
  }

  // Controls.

  public synchronized void onRegister(Fault... faults) {
    registerFaults.addAll(List.of(faults));
  }

  /** The next registrations get these builds; after them the one it was made with. */
  public synchronized void handOut(List<BuildPack> packs) {
    nextPacks.addAll(packs);
  }

  /** Names this tag as a cache; null refuses the question, as a manager without this call does. */
  public synchronized void cachedTag(@Nullable String tag) {
    cachedTag = tag;
  }

  /** What was asked for a cache. */
  public synchronized List<CachedTagRequest> cacheQuestions() {
    return List.copyOf(cacheQuestions);
  }

  public synchronized void onSetPhase(Fault... faults) {
    phaseFaults.addAll(List.of(faults));
  }

  public synchronized void onLogMessage(Fault... faults) {
    logFaults.addAll(List.of(faults));
  }

  /** The next beats get these answers; after them yes. */
  public synchronized void onBeat(HeartbeatResponse... answers) {
    beatAnswers.addAll(List.of(answers));
  }

  /** Every heartbeat stream ends with this; null: they work. */
  public synchronized void failHeartbeats(@Nullable Status status) {
    heartbeatStatus = status;
  }

  /** Beats stay unanswered until this is taken back. */
  public synchronized void holdBeats(boolean held) {
    beatsHeld = held;
  }

  public synchronized void refusePhases(String reason) {
    phaseRefusal = reason;
  }

  /** Says on the open heartbeat stream, unasked, that the session is over. */
  public synchronized void cancel() {
    if (lastHeartbeat != null) {
      lastHeartbeat.onNext(HeartbeatResponse.newBuilder().setCancelled(true).build());
    }
  }

  /** All streams end as when a manager drains; the connection stays. */
  public synchronized void endStreams() {
    streams.forEach(StreamObserver::onCompleted);
    streams.clear();
  }

  /** All connections are cut and nobody listens. */
  public void die() throws InterruptedException {
    server.shutdownNow();
    server.awaitTermination(5, TimeUnit.SECONDS);
    synchronized (this) {
      streams.clear();
    }
  }

  /** Listens again at the same address. */
  public void rise() throws IOException {
    server = serve();
  }

  // What it saw.

  public synchronized List<BuildJobArgs> registrations() {
    return List.copyOf(registrations);
  }

  /** Every SetPhase call, repeats too. */
  public synchronized List<SetPhaseRequest> phaseRequests() {
    return List.copyOf(phaseRequests);
  }

  /** When the last registration came, by {@link System#nanoTime}. */
  public long registeredNanos() {
    return registeredNanos;
  }

  /** When the last phase was reported, by {@link System#nanoTime}. */
  public long phaseNanos() {
    return phaseNanos;
  }

  /** The phases that counted. */
  public synchronized List<Phase> phases() {
    return phases.stream().map(SetPhaseRequest::getPhase).toList();
  }

  public synchronized SetPhaseRequest lastPhase() {
    return phases.getLast();
  }

  public synchronized List<String> logLines() {
    return List.copyOf(logLines);
  }

  public synchronized int logStreams() {
    return logStreams;
  }

  public synchronized int heartbeatStreams() {
    return heartbeatStreams;
  }

  public synchronized int beats() {
    return beats;
  }

  public synchronized HeartbeatRequest lastBeat() {
    return lastBeat;
  }

  public synchronized int maxBatch() {
    return maxBatch;
  }

  @Override
  public void close() throws InterruptedException {
    die();
  }

  private static <T> void answer(StreamObserver<T> observer, T answer) {
    observer.onNext(answer);
    observer.onCompleted();
  }

  private final class Service extends BuildManagerImplBase {
    @Override
    public void ping(PingRequest request, StreamObserver<PingReply> answer) {
      answer(answer, PingReply.newBuilder().setReply("pong").build());
    }

    @Override
    public void registerBuildJob(BuildJobArgs request, StreamObserver<BuildPack> answer) {
      synchronized (TestManager.this) {
        registrations.add(request);
        registeredNanos = System.nanoTime();
        if (!Fault.ends(registerFaults.poll(), answer)) {
          BuildPack next = nextPacks.poll();
          answer(answer, next == null ? pack : next);
        }
      }
    }

    @Override
    public void setPhase(SetPhaseRequest request, StreamObserver<SetPhaseResponse> answer) {
      synchronized (TestManager.this) {
        phaseRequests.add(request);
        phaseNanos = System.nanoTime();
        Fault fault = phaseFaults.poll();
        if ((fault == null || fault == Fault.ANSWER_LOST)
            && phaseRefusal == null
            && phases.stream().noneMatch(p -> sameNumber(p, request))) {
          phases.add(request);
        }
        if (Fault.ends(fault, answer)) {
          return;
        }
        SetPhaseResponse.Builder response =
            SetPhaseResponse.newBuilder()
                .setSuccess(phaseRefusal == null)
                .setSequenceNumber(request.getSequenceNumber());
        if (phaseRefusal != null) {
          response.setRefusal(phaseRefusal);
        }
        answer(answer, response.build());
      }
    }

    @Override
    public void determineCachedTag(CachedTagRequest request, StreamObserver<CachedTag> answer) {
      synchronized (TestManager.this) {
        cacheQuestions.add(request);
        String tag = cachedTag;
        if (tag == null) {
          super.determineCachedTag(request, answer);
        } else {
          answer(answer, CachedTag.newBuilder().setCachedTag(tag).build());
        }
      }
    }

    private boolean sameNumber(SetPhaseRequest one, SetPhaseRequest other) {
      return one.getSequenceNumber() == other.getSequenceNumber();
    }

    @Override
    public StreamObserver<HeartbeatRequest> heartbeat(StreamObserver<HeartbeatResponse> answers) {
      synchronized (TestManager.this) {
        heartbeatStreams++;
        streams.add(answers);
        lastHeartbeat = answers;
      }
      return new Requests<>() {
        @Override
        public void onNext(HeartbeatRequest beat) {
          synchronized (TestManager.this) {
            beats++;
            lastBeat = beat;
            if (!streams.contains(answers)) {
              return; // Ended meanwhile; this beat was on its way.
            }
            if (heartbeatStatus != null) {
              answers.onError(heartbeatStatus.asRuntimeException());
              streams.remove(answers);
            } else if (!beatsHeld) {
              HeartbeatResponse planted = beatAnswers.poll();
              answers.onNext(
                  planted != null
                      ? planted
                      : HeartbeatResponse.newBuilder().setReply(true).build());
            }
          }
        }
      };
    }

    @Override
    public StreamObserver<LogMessageRequest> logMessage(
        StreamObserver<LogMessageResponse> answers) {
      synchronized (TestManager.this) {
        logStreams++;
        streams.add(answers);
      }
      return new Requests<>() {
        @Override
        public void onCompleted() {
          answers.onCompleted();
        }

        @Override
        public void onNext(LogMessageRequest request) {
          synchronized (TestManager.this) {
            if (!streams.contains(answers)) {
              return; // Ended meanwhile; this line was on its way.
            }
            Fault fault = logFaults.poll();
            if (fault == null || fault == Fault.ANSWER_LOST) {
              store(request);
            }
            if (Fault.ends(fault, answers)) {
              streams.remove(answers);
              return;
            }
            answers.onNext(
                LogMessageResponse.newBuilder()
                    .setSuccess(true)
                    .setSequenceNumber(logLines.size())
                    .build());
          }
        }
      };
    }

    private void store(LogMessageRequest request) {
      List<String> lines =
          request.getLogMessagesCount() > 0
              ? request.getLogMessagesList()
              : List.of(request.getLogMessage());
      maxBatch = Math.max(maxBatch, lines.size());
      int first = request.getSequenceNumber() - lines.size() + 1;
      for (int i = 0; i < lines.size(); i++) {
        if (first + i > logLines.size()) {
          logLines.add(lines.get(i));
        }
      }
    }
  }

  /** Requests of a stream whose end nobody cares for. */
  private abstract static class Requests<T> implements StreamObserver<T> {
    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}
  }
}
