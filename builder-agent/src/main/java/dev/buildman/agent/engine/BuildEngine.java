package dev.buildman.agent.engine;

import dev.buildman.agent.dockerfile.Dockerfile;
import java.util.Set;

/** A way to build images. Implementations are stateless and may be used by any thread. */
public interface BuildEngine {

  /** The value of {@code CONTAINER_RUNTIME} that chooses this engine. */
  String name();

  /**
   * What this engine could do if {@link #check} succeeds. A glance at the machine at most: no
   * process is started, as an agent asks before it registers.
   */
  Set<Ability> abilities();

  /**
   * Whether this engine can work on this machine. Starts at most short-lived processes and changes
   * nothing.
   *
   * @throws InterruptedException when the thread is interrupted
   */
  EngineCheck check() throws InterruptedException;

  /**
   * Whether this engine can do all that the Dockerfile asks for in the stages that the target
   * needs. Looks at the file only.
   *
   * @param dockerfile a file that was read without an error
   * @param options target and build arguments, which decide what is needed, and what else is asked
   *     of the engine
   */
  EngineCheck canBuild(Dockerfile dockerfile, BuildOptions options);

  /**
   * Begins a build; nothing is pulled or run yet.
   *
   * @throws EngineFailure when the Dockerfile is wrong ({@code DOCKERFILE_ISSUE} with its line) or
   *     asks for what this engine cannot do
   * @throws InterruptedException when the thread is interrupted
   */
  EngineBuild open(BuildRequest request, EngineLog log) throws EngineFailure, InterruptedException;
}
