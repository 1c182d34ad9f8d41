package dev.buildman.agent.dockerfile;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The build arguments of a build and the ARG instructions before the first FROM, evaluated. FROM
 * sees these values; a stage sees one only after an ARG of its own names it.
 */
public final class GlobalScope {

  /** Proxies that RUN may use without an ARG. */
  public static final Set<String> PROXIES =
      Set.of(
          "HTTP_PROXY",
          "http_proxy",
          "HTTPS_PROXY",
          "https_proxy",
          "FTP_PROXY",
          "ftp_proxy",
          "NO_PROXY",
          "no_proxy",
          "ALL_PROXY",
          "all_proxy");

  /** What engines take for themselves wherever it is given. */
  private static final String SOURCE_DATE = "SOURCE_DATE_EPOCH";

  private final char escape;
  private final Map<String, String> buildArgs;
  private final Map<String, String> values;

  private GlobalScope(char escape, Map<String, String> buildArgs, Map<String, String> values) {
    this.escape = escape;
    this.buildArgs = buildArgs;
    this.values = values;
  }

  /**
   * Evaluates the global arguments.
   *
   * @param buildArgs what the client gave; wins over defaults
   * @param predefined what the engine offers, as {@code TARGETARCH}
   */
  public static GlobalScope of(
      Dockerfile dockerfile, Map<String, String> buildArgs, Map<String, String> predefined)
      throws DockerfileException {
    char escape = dockerfile.directives().escape();
    Map<String, String> values = new HashMap<>(predefined);
    Expansion expansion = new Expansion(escape, values::get);
    for (Instruction.Arg instruction : dockerfile.globalArguments()) {
      for (Instruction.Pair argument : instruction.arguments()) {
        String given = buildArgs.get(argument.name());
        String fallback = argument.value();
        if (given != null) {
          values.put(argument.name(), given);
        } else if (fallback != null) {
          values.put(argument.name(), expansion.word(fallback, instruction.line()));
        }
      }
    }
    return new GlobalScope(escape, Map.copyOf(buildArgs), Map.copyOf(values));
  }

  /** The expansion that FROM uses. */
  public Expansion expansion() {
    return new Expansion(escape, values::get);
  }

  /** A scope for a stage: no arguments yet, the environment of its base image. */
  public StageScope stage(Map<String, String> environment) {
    return new StageScope(escape, buildArgs, values, environment);
  }

  /** Names of build arguments that no ARG of the file declares: probably mistyped. */
  public Set<String> undeclared(Dockerfile dockerfile) {
    Set<String> names = new TreeSet<>(buildArgs.keySet());
    names.removeAll(PROXIES);
    names.remove(SOURCE_DATE);
    names.removeAll(values.keySet());
    dockerfile
        .globalArguments()
        .forEach(arg -> arg.arguments().forEach(pair -> names.remove(pair.name())));
    for (Stage stage : dockerfile.stages()) {
      removeDeclared(names, stage.instructions());
    }
    return names;
  }

  private static void removeDeclared(Set<String> names, List<Instruction> instructions) {
    for (Instruction instruction : instructions) {
      if (instruction instanceof Instruction.Arg arg) {
        arg.arguments().forEach(pair -> names.remove(pair.name()));
      }
    }
  }
}
