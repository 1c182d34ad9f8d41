package dev.buildman.agent.engine;

/**
 * A build whose image can be handed out before its push, so that it can become part of an index.
 */
public interface ImageBuild extends EngineBuild {

  /**
   * The image; once {@link #build} has ended well.
   *
   * @throws IllegalStateException before
   */
  PushableImage image();
}
