package dev.buildman.edge.agent;

import dev.buildman.metrics.Metrics;
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
import dev.buildman.runtime.Later;
import dev.buildman.runtime.Ticker;
import dev.buildman.session.PhaseAnswer;
import dev.buildman.session.PhaseReport;
import dev.buildman.session.RegistrationAnswer;
import dev.buildman.token.Grant;
import dev.buildman.token.Tokens;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The agents' calls. Streams stay on network threads, unary calls go where they may block. */
final class BuildManagerService extends BuildManagerGrpc.BuildManagerImplBase {
  private final AgentUseCases useCases;
  private final Tokens tokens;
  private final Unary unary;
  private final Metrics metrics;
  private final String version;
  private final Ticker ticker = Ticker.system();
  private final AgentRates limits;
  private final CallRates rates;
  private final Set<Reply<?>> open = ConcurrentHashMap.newKeySet();

  BuildManagerService(
      AgentUseCases useCases,
      Tokens tokens,
      Unary unary,
      Metrics metrics,
      AgentRates limits,
      String version) {
    this.useCases = useCases;
    this.tokens = tokens;
    this.unary = unary;
    this.metrics = metrics;
    this.limits = limits;
    this.rates = new CallRates(limits.ofCalls(), ticker);
    this.version = version;
  }

  /** Streams that are open now. */
  Set<Reply<?>> open() {
    return open;
  }

  @Override
  public void ping(PingRequest request, StreamObserver<PingReply> out) {
    out.onNext(PingReply.newBuilder().setReply("pong").setServer("buildman/" + version).build());
    out.onCompleted();
  }

  @Override
  public void registerBuildJob(BuildJobArgs args, StreamObserver<BuildPack> out) {
    unary.run("RegisterBuildJob", out, () -> register(args));
  }

  private BuildPack register(BuildJobArgs args) throws StatusException {
    Answers.atMost(AgentLimits.REGISTER_BYTES, args.getSerializedSize());
    Grant.Registration grant = Answers.authenticated(tokens.registration(args.getRegisterJwt()));
    rated(grant);
    switch (useCases.registrations().register(grant, Distrust.hello(args))) {
      case RegistrationAnswer.Refused(String reason, String sentence) ->
          throw Status.FAILED_PRECONDITION.withDescription(reason + ": " + sentence).asException();
      case RegistrationAnswer.Accepted(var order) -> {
        BuildPack pack = Packs.of(order);
        Answers.atMost(AgentLimits.BUILD_PACK_BYTES, pack.getSerializedSize());
        return pack;
      }
    }
  }

  @Override
  public StreamObserver<HeartbeatRequest> heartbeat(StreamObserver<HeartbeatResponse> out) {
    Reply<HeartbeatResponse> reply = new Reply<>(observer(out), open);
    reply.readOne();
    return new HeartbeatCall(
        tokens, useCases, metrics, new Allowance(limits.ofBeats(), ticker), reply);
  }

  @Override
  public void setPhase(SetPhaseRequest request, StreamObserver<SetPhaseResponse> out) {
    unary.run("SetPhase", out, () -> setPhase(request));
  }

  private SetPhaseResponse setPhase(SetPhaseRequest request) throws StatusException {
    Answers.atMost(AgentLimits.PHASE_BYTES, request.getSerializedSize());
    Grant.Job grant = Answers.authenticated(tokens.job(request.getJobJwt()));
    rated(grant);
    Optional<PhaseReport> report = Reports.of(request);
    PhaseAnswer answer =
        report.isEmpty()
            ? new PhaseAnswer.Refused("UNKNOWN_PHASE")
            : useCases.phases().report(grant, report.get());
    SetPhaseResponse.Builder response =
        SetPhaseResponse.newBuilder().setSequenceNumber(request.getSequenceNumber());
    return switch (answer) {
      case PhaseAnswer.Taken() -> response.setSuccess(true).build();
      case PhaseAnswer.Refused(String reason) -> response.setRefusal(reason).build();
    };
  }

  @Override
  public StreamObserver<LogMessageRequest> logMessage(StreamObserver<LogMessageResponse> out) {
    Reply<LogMessageResponse> reply = new Reply<>(observer(out), open);
    reply.readOne();
    return new LogMessageCall(
        tokens,
        useCases.logLines().feed(ticker),
        metrics,
        Later.system(),
        reply,
        new Allowance(limits.ofLogBytes(), ticker));
  }

  @Override
  public void determineCachedTag(CachedTagRequest request, StreamObserver<CachedTag> out) {
    unary.run(
        "DetermineCachedTag",
        out,
        () -> {
          Answers.atMost(AgentLimits.QUESTION_BYTES, request.getSerializedSize());
          Grant.Job grant = Answers.authenticated(tokens.job(request.getJobJwt()));
          rated(grant);
          return CachedTag.newBuilder().setCachedTag(useCases.cachedTags().tagFor(grant)).build();
        });
  }

  private void rated(Grant grant) throws StatusException {
    if (!rates.allows(grant.build())) {
      throw Answers.exhausted("too many calls for this build");
    }
  }

  private static <A> ServerCallStreamObserver<A> observer(StreamObserver<A> out) {
    return (ServerCallStreamObserver<A>) out;
  }
}
