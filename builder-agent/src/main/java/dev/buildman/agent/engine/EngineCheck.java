package dev.buildman.agent.engine;

/** Whether an engine can do something. */
public sealed interface EngineCheck {

  /** It can. */
  record Able() implements EngineCheck {}

  /**
   * It cannot.
   *
   * @param why a sentence for a person; with the line where an instruction is the cause
   * @param remedy what would help, as {@code install the Debian package buildah}; empty when
   *     nothing would
   */
  record Unable(String why, String remedy) implements EngineCheck {}

  /** It can. */
  static EngineCheck able() {
    return new Able();
  }

  /** It cannot. */
  static EngineCheck unable(String why, String remedy) {
    return new Unable(why, remedy);
  }
}
