package dev.buildman.token;

import dev.buildman.model.AgentKind;
import dev.buildman.model.BuildId;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.JobRef;
import dev.buildman.model.SessionRef;

/**
 * What a token lets its bearer do. All of it is read from verified claims, never from a message.
 */
public sealed interface Grant {
  /** The one build that the token speaks for. */
  BuildId build();

  /** The executor whose worker was given the token. */
  ExecutorName executor();

  /** To register as the agent of one attempt. */
  record Registration(JobRef job, ExecutorName executor) implements Grant {
    @Override
    public BuildId build() {
      return job.build();
    }
  }

  /**
   * To act as one session of an attempt.
   *
   * @param agent decides what the agent is answered while Redis is away, when the job cannot be
   *     asked
   */
  record Job(SessionRef session, ExecutorName executor, AgentKind agent) implements Grant {
    @Override
    public BuildId build() {
      return session.build();
    }
  }
}
