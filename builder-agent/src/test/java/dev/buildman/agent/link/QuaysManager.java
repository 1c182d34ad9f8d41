package dev.buildman.agent.link;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
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
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Quay's manager: it knows the fields below 100 only, sees nothing of the others and says none. It
 * appends each log message that comes, answers beats while the job lives, and serves all of that
 * with ten threads, two of which a worker's streams hold. Safe for any thread.
 */
public final class QuaysManager implements AutoCloseable {
  /** From here on fields are ours. */
  private static final int OURS = 100;

  /** Quay's, as shipped. */
  private static final int THREADS = 10;

  private final List<SetPhaseRequest> phases = new ArrayList<>();
  private final List<LogMessageRequest> lines = new ArrayList<>();
  private final List<StreamObserver<?>> streams = new ArrayList<>();
  private final BuildPack pack;
  private final String registration;
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
  private final Server server;
  private boolean alive = true;
  private boolean logsKept = true;
  private boolean phasesTaken = true;
  private int heartbeatStreams;

  /** Starts one that gives this build for this registration token. */
  public QuaysManager(BuildPack pack, String registration) throws IOException {
    this.pack = quays(pack);
    this.registration = registration;
    this.server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .executor(threads)
            .addService(new Servicer())
            .build()
            .start();
  }

  /** Without our fields, on all levels. */
  @SuppressWarnings("unchecked")
  private static <T extends Message> T quays(T message) {
    Message.Builder known = message.toBuilder();
    known.setUnknownFields(UnknownFieldSet.getDefaultInstance());
    for (FieldDescriptor field : message.getAllFields().keySet()) {
      if (field.getNumber() >= OURS) {
        known.clearField(field);
      } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && !field.isRepeated()) {
        known.setField(field, quays((Message) message.getField(field)));
      }
    }
    return (T) known.build();
  }

  public ManagerAddress address() {
    return new ManagerAddress("127.0.0.1", server.getPort(), new Transport.Plaintext());
  }

  /** The build was cancelled, or its job expired: beats are answered with no. */
  public synchronized void forgetJob() {
    alive = false;
  }

  /** Log lines are lost: its store is away. */
  public synchronized void loseLogs() {
    logsKept = false;
  }

  /** No phase is taken from here on. */
  public synchronized void refusePhases() {
    phasesTaken = false;
  }

  /** Every stream that is open breaks. */
  public synchronized void breakStreams() {
    streams.forEach(stream -> stream.onError(Status.UNAVAILABLE.asRuntimeException()));
    streams.clear();
  }

  public synchronized List<Phase> phases() {
    return phases.stream().map(SetPhaseRequest::getPhase).toList();
  }

  public synchronized List<SetPhaseRequest> phaseRequests() {
    return List.copyOf(phases);
  }

  public synchronized List<LogMessageRequest> lines() {
    return List.copyOf(lines);
  }

  public synchronized int heartbeatStreams() {
    return heartbeatStreams;
  }

  @Override
  public void close() throws InterruptedException {
    server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    threads.shutdownNow();
  }

  private final class Servicer extends BuildManagerImplBase {
    private <T> void answer(StreamObserver<T> observer, T answer) {
      observer.onNext(answer);
      observer.onCompleted();
    }

    private boolean refused(String token, StreamObserver<?> answers) {
      boolean wrong = !token.equals(pack.getJobJwt());
      if (wrong) {
        answers.onError(Status.UNAUTHENTICATED.asRuntimeException());
      }
      return wrong;
    }

    @Override
    public void ping(PingRequest request, StreamObserver<PingReply> answers) {
      answer(answers, PingReply.newBuilder().setReply("pong").build());
    }

    @Override
    public void registerBuildJob(BuildJobArgs request, StreamObserver<BuildPack> answers) {
      if (quays(request).getRegisterJwt().equals(registration)) {
        answer(answers, pack);
      } else {
        answers.onError(Status.UNAUTHENTICATED.asRuntimeException());
      }
    }

    @Override
    public void setPhase(SetPhaseRequest request, StreamObserver<SetPhaseResponse> answers) {
      synchronized (QuaysManager.this) {
        if (refused(request.getJobJwt(), answers)) {
          return;
        }
        if (phasesTaken) {
          phases.add(quays(request));
        }
        answer(
            answers,
            SetPhaseResponse.newBuilder()
                .setSuccess(phasesTaken)
                .setSequenceNumber(request.getSequenceNumber())
                .build());
      }
    }

    @Override
    public void determineCachedTag(CachedTagRequest request, StreamObserver<CachedTag> answers) {
      answer(answers, CachedTag.getDefaultInstance());
    }

    @Override
    public StreamObserver<HeartbeatRequest> heartbeat(StreamObserver<HeartbeatResponse> answers) {
      synchronized (QuaysManager.this) {
        heartbeatStreams++;
        streams.add(answers);
      }
      return new Requests<>(answers) {
        @Override
        void take(HeartbeatRequest beat) {
          if (!refused(beat.getJobJwt(), answers)) {
            answers.onNext(HeartbeatResponse.newBuilder().setReply(alive).build());
          }
        }
      };
    }

    @Override
    public StreamObserver<LogMessageRequest> logMessage(
        StreamObserver<LogMessageResponse> answers) {
      synchronized (QuaysManager.this) {
        streams.add(answers);
      }
      return new Requests<>(answers) {
        @Override
        void take(LogMessageRequest line) {
          if (refused(line.getJobJwt(), answers)) {
            return;
          }
          if (logsKept) {
            lines.add(quays(line));
          }
          answers.onNext(
              LogMessageResponse.newBuilder()
                  .setSuccess(logsKept)
                  .setSequenceNumber(line.getSequenceNumber())
                  .build());
        }
      };
    }
  }

  /** One message at a time, none once the stream has broken. */
  private abstract class Requests<T> implements StreamObserver<T> {
    private final StreamObserver<?> answers;

    Requests(StreamObserver<?> answers) {
      this.answers = answers;
    }

    abstract void take(T message);

    @Override
    public void onNext(T message) {
      synchronized (QuaysManager.this) {
        if (streams.contains(answers)) {
          take(message);
        }
      }
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {
      synchronized (QuaysManager.this) {
        if (streams.remove(answers)) {
          answers.onCompleted();
        }
      }
    }
  }
}
