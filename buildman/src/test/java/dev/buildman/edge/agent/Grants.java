package dev.buildman.edge.agent;

import dev.buildman.model.AgentKind;
import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.ManagerId;
import dev.buildman.model.Nonce;
import dev.buildman.model.SessionRef;
import dev.buildman.token.Grant;

/** Grants for tests. */
final class Grants {
  private Grants() {}

  static SessionRef session(int number) {
    return new SessionRef(
        new AttemptId(new BuildId("11111111-2222-3333-4444-555555555555"), 2),
        number,
        Nonce.of(new ManagerId("m1"), 1, new byte[16]));
  }

  static Grant.Job job(int session) {
    return new Grant.Job(session(session), new ExecutorName("popen"), AgentKind.OURS);
  }
}
