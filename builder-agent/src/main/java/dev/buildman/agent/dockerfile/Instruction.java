package dev.buildman.agent.dockerfile;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One instruction. Words are as written: variables, quotes and escapes are for {@link Expansion}
 * when the instruction runs.
 */
public sealed interface Instruction {

  /** Where it stands. */
  Source source();

  /** Its first line, from 1. */
  default int line() {
    return source().line();
  }

  /** Its text on one line, here-documents left out. */
  default String text() {
    return source().text();
  }

  /**
   * Where an instruction stands.
   *
   * @param line its first line, from 1
   * @param text its text, continued lines joined
   */
  record Source(int line, String text) {}

  /** A pair of ENV, LABEL or ARG; the value of an ARG without a default is null. */
  record Pair(String name, @Nullable String value) {}

  /**
   * A command of RUN, CMD, ENTRYPOINT or HEALTHCHECK.
   *
   * @param exec whether it was given in the JSON form and runs without a shell
   * @param words the words of the JSON form, or the one text for the shell
   */
  record Command(boolean exec, List<String> words) {}

  /**
   * What COPY and ADD have in common.
   *
   * @param sources paths, patterns or URLs; names of here-documents stand in {@code heredocs} only
   * @param destination the last word
   * @param chown as written, null when not given
   * @param chmod as written, null when not given
   * @param exclude patterns of {@code --exclude}
   * @param heredocs files that the instruction itself brings
   */
  record Transfer(
      List<String> sources,
      String destination,
      @Nullable String chown,
      @Nullable String chmod,
      List<String> exclude,
      List<Heredoc> heredocs) {}

  /** {@code FROM [--platform=platform] image [AS name]}; the name is in lower case. */
  record From(Source source, String image, @Nullable String platform, @Nullable String name)
      implements Instruction {}

  /** {@code ARG name[=default] ...}. */
  record Arg(Source source, List<Pair> arguments) implements Instruction {}

  /** {@code ENV name=value ...}. */
  record Env(Source source, List<Pair> variables) implements Instruction {}

  /** {@code LABEL name=value ...}. */
  record Label(Source source, List<Pair> labels) implements Instruction {}

  /**
   * {@code COPY}.
   *
   * @param from stage name, stage index or image; null: the context
   * @param flags other flags, as {@code link} and {@code parents}
   */
  record Copy(Source source, Transfer files, @Nullable String from, Map<String, String> flags)
      implements Instruction {}

  /**
   * {@code ADD}; {@code flags} holds {@code link}, {@code checksum}, {@code keep-git-dir} and
   * {@code unpack} where given.
   */
  record Add(Source source, Transfer files, Map<String, String> flags) implements Instruction {}

  /** {@code RUN}; {@code flags} holds all values of each flag. */
  record Run(
      Source source, Command command, Map<String, List<String>> flags, List<Heredoc> heredocs)
      implements Instruction {}

  /** {@code CMD}. */
  record Cmd(Source source, Command command) implements Instruction {}

  /** {@code ENTRYPOINT}. */
  record Entrypoint(Source source, Command command) implements Instruction {}

  /** {@code USER}. */
  record User(Source source, String user) implements Instruction {}

  /** {@code WORKDIR}. */
  record Workdir(Source source, String path) implements Instruction {}

  /** {@code STOPSIGNAL}. */
  record StopSignal(Source source, String signal) implements Instruction {}

  /** {@code MAINTAINER}. */
  record Maintainer(Source source, String name) implements Instruction {}

  /** {@code EXPOSE}; the ports as written. */
  record Expose(Source source, String ports) implements Instruction {}

  /** {@code VOLUME}. */
  record Volume(Source source, List<String> paths) implements Instruction {}

  /** {@code SHELL}. */
  record Shell(Source source, List<String> words) implements Instruction {}

  /** {@code HEALTHCHECK}. */
  record Healthcheck(Source source, HealthProbe probe) implements Instruction {}

  /**
   * {@code ONBUILD}: the text of the trigger as it is stored in the image, and the instruction it
   * is.
   */
  record OnBuild(Source source, String trigger, Instruction instruction) implements Instruction {}
}
