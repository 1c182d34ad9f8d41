package dev.buildman.agent.link;

import dev.buildman.proto.agent.BuildResult;
import dev.buildman.proto.agent.Failure;
import dev.buildman.proto.agent.Phase;
import dev.buildman.proto.agent.SetPhaseRequest;
import dev.buildman.proto.agent.SetPhaseRequest.PullMetadata;
import dev.buildman.proto.agent.SetPhaseResponse;

/**
 * Reports the build's phases. Each report has its sequence number, and is repeated with the same
 * one until it is answered; the manager gives a repeated number its first answer. For one thread.
 */
public final class Phases {
  private final Calls calls;
  private final String token;
  private int sequence;

  Phases(Calls calls, SessionToken session) {
    this.calls = calls;
    this.token = session.token();
  }

  /**
   * Enters a phase.
   *
   * @throws ManagerException.Refused when the manager does not allow it: this session is over
   * @throws ManagerException.Lost when it was not answered; whether it counted is not known
   */
  public void enter(Phase phase) throws ManagerException, InterruptedException {
    set(SetPhaseRequest.newBuilder().setPhase(phase));
  }

  /** Enters PULLING; as {@link #enter}. */
  public void pulling(PullMetadata metadata) throws ManagerException, InterruptedException {
    set(SetPhaseRequest.newBuilder().setPhase(Phase.PULLING).setPullMetadata(metadata));
  }

  /** Says that the build is done; as {@link #enter}. */
  public void complete(BuildResult result) throws ManagerException, InterruptedException {
    set(SetPhaseRequest.newBuilder().setPhase(Phase.COMPLETE).setResult(result));
  }

  /** Says that the build failed; as {@link #enter}. */
  public void failed(Failure failure) throws ManagerException, InterruptedException {
    set(SetPhaseRequest.newBuilder().setPhase(Phase.ERROR).setFailure(failure));
  }

  private void set(SetPhaseRequest.Builder change) throws ManagerException, InterruptedException {
    SetPhaseRequest request = change.setJobJwt(token).setSequenceNumber(++sequence).build();
    String name = "SetPhase(" + request.getPhase() + ")";
    SetPhaseResponse answer = calls.untilAnswered(name, stub -> stub.setPhase(request));
    if (!answer.getSuccess()) {
      String refusal = answer.getRefusal().isEmpty() ? "no reason given" : answer.getRefusal();
      throw new ManagerException.Refused(name + " was refused: " + refusal);
    }
  }
}
