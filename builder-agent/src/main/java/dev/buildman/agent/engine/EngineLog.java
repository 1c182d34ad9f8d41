package dev.buildman.agent.engine;

/**
 * Where an engine writes what a person follows. Safe for use by many threads; never fails and may
 * block for back-pressure.
 */
public interface EngineLog {

  /**
   * A step begins; becomes a {@code command} entry, {@code Step 4/13 : COPY a b}.
   *
   * @param number from 1
   * @param total steps of the stages that are built
   * @param instruction the instruction on one line
   */
  void step(int number, int total, String instruction);

  /**
   * Text as the engine or a command prints it: any number of lines or a part of one, escape
   * sequences kept.
   */
  void output(String text);

  /** A status line of a pull or push, as {@code Pulling from library/busybox}. */
  void status(String status);

  /**
   * The state of one layer of a pull or push.
   *
   * @param id short id of the layer
   * @param status as {@code Pushing}, {@code Pushed}, {@code Layer already exists}
   * @param current bytes so far; 0 when unknown
   * @param total bytes in all; 0 when unknown
   */
  void progress(String id, String status, long current, long total);
}
