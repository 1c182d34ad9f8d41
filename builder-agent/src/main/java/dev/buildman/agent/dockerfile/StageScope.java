package dev.buildman.agent.dockerfile;

import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The variables of one stage while it runs. ENV wins over ARG of the same name. For one thread. */
public final class StageScope {

  private final char escape;
  private final Map<String, String> buildArgs;
  private final Map<String, String> globals;
  private final Map<String, String> arguments = new HashMap<>();
  private final Map<String, String> environment;

  StageScope(
      char escape,
      Map<String, String> buildArgs,
      Map<String, String> globals,
      Map<String, String> environment) {
    this.escape = escape;
    this.buildArgs = buildArgs;
    this.globals = globals;
    this.environment = new LinkedHashMap<>(environment);
  }

  /**
   * Runs an ARG: the client's value, else the default, else the global value; else the argument
   * stays unset.
   */
  public void declare(Instruction.Arg instruction) throws DockerfileException {
    for (Instruction.Pair argument : instruction.arguments()) {
      String name = expansion().word(argument.name(), instruction.line());
      String value = buildArgs.get(name);
      if (value == null) {
        String fallback = argument.value();
        value =
            fallback == null ? globals.get(name) : expansion().word(fallback, instruction.line());
      }
      if (value != null) {
        arguments.put(name, value);
      }
    }
  }

  /** Runs an ENV; all its values are evaluated before any of them is set. */
  public void set(Instruction.Env instruction) throws DockerfileException {
    environment.putAll(pairs(instruction.variables(), instruction.line()));
  }

  /** Names and values after expansion, in their order. */
  public Map<String, String> pairs(Iterable<Instruction.Pair> pairs, int line)
      throws DockerfileException {
    Expansion expansion = expansion();
    Map<String, String> result = new LinkedHashMap<>();
    for (Instruction.Pair pair : pairs) {
      String name = expansion.word(pair.name(), line);
      if (name.isEmpty()) {
        throw new DockerfileException(line, "a name is empty after variables were replaced.");
      }
      String value = pair.value();
      result.put(name, value == null ? "" : expansion.word(value, line));
    }
    return result;
  }

  /** The expansion with the variables as they are now. */
  public Expansion expansion() {
    return new Expansion(escape, this::lookup);
  }

  /** The environment that the image carries, in the order in which it was set. */
  public Map<String, String> environment() {
    return Collections.unmodifiableMap(environment);
  }

  private @Nullable String lookup(String name) {
    String value = environment.get(name);
    return value != null ? value : arguments.get(name);
  }
}
