package dev.buildman.testing.quay;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import dev.buildman.proto.agent.BuildJobArgs;
import dev.buildman.proto.agent.BuildManagerGrpc;
import dev.buildman.proto.agent.BuildPack;
import dev.buildman.proto.agent.CachedTag;
import dev.buildman.proto.agent.CachedTagRequest;
import dev.buildman.proto.agent.HeartbeatRequest;
import dev.buildman.proto.agent.HeartbeatResponse;
import dev.buildman.proto.agent.LogMessageRequest;
import dev.buildman.proto.agent.LogMessageResponse;
import dev.buildman.proto.agent.PingReply;
import dev.buildman.proto.agent.PingRequest;
import dev.buildman.proto.agent.SetPhaseRequest;
import dev.buildman.proto.agent.SetPhaseResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Answers as the manager in a recording did: the n-th message of a method as it was answered there.
 */
final class RecordedManager extends BuildManagerGrpc.BuildManagerImplBase {
  private final Recording recording;
  private final AtomicInteger phases = new AtomicInteger();

  RecordedManager(Recording recording) {
    this.recording = recording;
  }

  @Override
  public void ping(PingRequest request, StreamObserver<PingReply> out) {
    unary("Ping", 0, PingReply.newBuilder(), out);
  }

  @Override
  public void registerBuildJob(BuildJobArgs args, StreamObserver<BuildPack> out) {
    unary("RegisterBuildJob", 0, BuildPack.newBuilder(), out);
  }

  @Override
  public void setPhase(SetPhaseRequest request, StreamObserver<SetPhaseResponse> out) {
    unary("SetPhase", phases.getAndIncrement(), SetPhaseResponse.newBuilder(), out);
  }

  @Override
  public void determineCachedTag(CachedTagRequest request, StreamObserver<CachedTag> out) {
    unary("DetermineCachedTag", 0, CachedTag.newBuilder(), out);
  }

  @Override
  public StreamObserver<HeartbeatRequest> heartbeat(StreamObserver<HeartbeatResponse> out) {
    return stream("Heartbeat", HeartbeatResponse.newBuilder(), out);
  }

  @Override
  public StreamObserver<LogMessageRequest> logMessage(StreamObserver<LogMessageResponse> out) {
    return stream("LogMessage", LogMessageResponse.newBuilder(), out);
  }

  private <A extends Message> void unary(
      String rpc, int index, Message.Builder answer, StreamObserver<A> out) {
    List<JsonNode> answers = recording.answers(rpc);
    if (index >= answers.size()) {
      out.onError(Status.UNAVAILABLE.asException());
      return;
    }
    if (answer(answers.get(index), answer, out)) {
      out.onCompleted();
    }
  }

  /** Beyond the recording's end the last answer is given again. */
  private <Q, A extends Message> StreamObserver<Q> stream(
      String rpc, Message.Builder builder, StreamObserver<A> out) {
    List<JsonNode> answers = recording.answers(rpc);
    AtomicInteger next = new AtomicInteger();
    return new StreamObserver<>() {
      @Override
      public void onNext(Q request) {
        int index = Math.min(next.getAndIncrement(), answers.size() - 1);
        answer(answers.get(index), builder.clone(), out);
      }

      @Override
      public void onError(Throwable cancelled) {
        next.set(0);
      }

      @Override
      public void onCompleted() {
        out.onCompleted();
      }
    };
  }

  @SuppressWarnings("unchecked")
  private static <A extends Message> boolean answer(
      JsonNode recorded, Message.Builder builder, StreamObserver<A> out) {
    if (recorded.has("status")) {
      Status status = Status.fromCode(Status.Code.valueOf(recorded.path("status").asText()));
      if (status.isOk()) {
        out.onCompleted();
      } else {
        out.onError(status.asException());
      }
      return false;
    }
    try {
      JsonFormat.parser().merge(recorded.path("msg").toString(), builder);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
    out.onNext((A) builder.build());
    return true;
  }
}
