package dev.buildman.agent.dockerfile;

import dev.buildman.agent.dockerfile.Instruction.Command;
import dev.buildman.agent.dockerfile.Instruction.Pair;
import dev.buildman.agent.dockerfile.Instruction.Source;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads one instruction of a Dockerfile. */
final class InstructionReader {

  private static final Pattern STAGE_NAME = Pattern.compile("[a-z][a-z0-9._-]*");

  private final Source source;
  private final List<Heredoc> heredocs;
  private final char escape;
  private final String word;
  private final Keyword keyword;
  private final Flags flags;

  private InstructionReader(Source source, List<Heredoc> heredocs, char escape)
      throws DockerfileException {
    this.source = source;
    this.heredocs = heredocs;
    this.escape = escape;
    String[] parts = source.text().split("\\s+", 2);
    this.word = parts[0];
    this.keyword = Keyword.required(word, source.line());
    String rest = parts.length > 1 ? parts[1].strip() : "";
    this.flags =
        takesFlags()
            ? Flags.of(rest, escape, keyword.name(), keyword.flags(), source.line())
            : new Flags(Map.of(), rest);
  }

  static Instruction read(LogicalLine line, char escape) throws DockerfileException {
    return read(new Source(line.number(), line.text()), line.heredocs(), escape);
  }

  private static Instruction read(Source source, List<Heredoc> heredocs, char escape)
      throws DockerfileException {
    return new InstructionReader(source, heredocs, escape).read();
  }

  private boolean takesFlags() {
    // Text of these may begin with two dashes of its own.
    return keyword != Keyword.ONBUILD
        && keyword != Keyword.MAINTAINER
        && keyword != Keyword.LABEL
        && keyword != Keyword.ENV;
  }

  private Instruction read() throws DockerfileException {
    if (flags.rest().isEmpty() && keyword != Keyword.CMD && keyword != Keyword.ENTRYPOINT) {
      throw failure(keyword + " needs " + needed() + ".");
    }
    return switch (keyword) {
      case FROM -> from();
      case ARG -> new Instruction.Arg(source, arguments());
      case ENV -> new Instruction.Env(source, pairs());
      case LABEL -> new Instruction.Label(source, pairs());
      case COPY, ADD -> transfer();
      case RUN -> new Instruction.Run(source, command(flags.rest()), flags.values(), heredocs);
      case CMD -> new Instruction.Cmd(source, command(flags.rest()));
      case ENTRYPOINT -> new Instruction.Entrypoint(source, command(flags.rest()));
      case USER -> new Instruction.User(source, single());
      case WORKDIR -> new Instruction.Workdir(source, flags.rest());
      case STOPSIGNAL -> new Instruction.StopSignal(source, single());
      case MAINTAINER -> new Instruction.Maintainer(source, flags.rest());
      case EXPOSE -> new Instruction.Expose(source, flags.rest());
      case VOLUME -> new Instruction.Volume(source, volumes());
      case SHELL -> new Instruction.Shell(source, shell());
      case HEALTHCHECK ->
          new Instruction.Healthcheck(
              source, HealthcheckReader.read(flags, this::command, source.line()));
      case ONBUILD -> onBuild();
    };
  }

  private String needed() {
    return switch (keyword) {
      case FROM -> "an image, as in FROM alpine:3.20";
      case COPY, ADD -> "sources and a destination, as in " + keyword + " app /usr/bin/";
      case RUN -> "a command";
      case ENV, LABEL -> "name=value";
      case ARG -> "a name";
      case ONBUILD -> "an instruction";
      case HEALTHCHECK -> "NONE or CMD and a command";
      default -> "an argument";
    };
  }

  private Instruction from() throws DockerfileException {
    List<String> words = Words.atBlanks(flags.rest());
    boolean named = words.size() == 3 && words.get(1).equalsIgnoreCase("as");
    if (words.size() != 1 && !named) {
      throw failure("FROM takes an image and may name the stage, as in FROM golang:1.24 AS build.");
    }
    String name = named ? words.get(2).toLowerCase(Locale.ROOT) : null;
    if (name != null && (!STAGE_NAME.matcher(name).matches() || name.equals("scratch"))) {
      throw failure(
          "the stage name "
              + words.get(2)
              + " is not allowed: a letter, then letters, digits, dots, dashes and underscores, and"
              + " not scratch.");
    }
    return new Instruction.From(source, words.getFirst(), flag("platform"), name);
  }

  private List<Pair> arguments() throws DockerfileException {
    List<Pair> result = new ArrayList<>();
    for (String argument : Words.split(flags.rest(), escape)) {
      int equals = argument.indexOf('=');
      String name = equals < 0 ? argument : argument.substring(0, equals);
      if (name.isEmpty()) {
        throw failure("ARG needs a name before the equals sign in " + argument + ".");
      }
      result.add(new Pair(name, equals < 0 ? null : argument.substring(equals + 1)));
    }
    return List.copyOf(result);
  }

  private List<Pair> pairs() throws DockerfileException {
    List<String> words = Words.split(flags.rest(), escape);
    if (!words.getFirst().contains("=")) {
      String[] parts = flags.rest().split("\\s+", 2);
      if (parts.length < 2) {
        throw failure(
            keyword
                + " "
                + parts[0]
                + " has no value; write "
                + keyword
                + " "
                + parts[0]
                + "=value.");
      }
      return List.of(new Pair(parts[0], parts[1]));
    }
    List<Pair> result = new ArrayList<>();
    for (String pair : words) {
      int equals = pair.indexOf('=');
      if (equals < 0) {
        throw failure(
            pair
                + " has no equals sign; write name=value, with quotes around a value that has"
                + " blanks.");
      }
      if (equals == 0) {
        throw failure(keyword + " needs a name before the equals sign in " + pair + ".");
      }
      result.add(new Pair(pair.substring(0, equals), pair.substring(equals + 1)));
    }
    return List.copyOf(result);
  }

  private Instruction transfer() throws DockerfileException {
    List<String> json = JsonStrings.read(flags.rest(), source.line());
    List<String> words = json != null ? json : Words.atBlanks(flags.rest());
    if (words.size() < 2) {
      throw failure(
          keyword
              + " needs at least one source and a destination; found only "
              + flags.rest()
              + ".");
    }
    List<String> sources =
        words.subList(0, words.size() - 1).stream()
            .filter(path -> json != null || heredocs.isEmpty() || !path.startsWith("<<"))
            .toList();
    Instruction.Transfer files =
        new Instruction.Transfer(
            sources,
            words.getLast(),
            flag("chown"),
            flag("chmod"),
            flags.values().getOrDefault("exclude", List.of()),
            heredocs);
    Map<String, String> others = new HashMap<>();
    for (String name : List.of("link", "parents", "checksum", "keep-git-dir", "unpack")) {
      String value = flag(name);
      if (value != null) {
        others.put(name, value);
      }
    }
    return keyword == Keyword.COPY
        ? new Instruction.Copy(source, files, flag("from"), Map.copyOf(others))
        : new Instruction.Add(source, files, Map.copyOf(others));
  }

  private Command command(String text) throws DockerfileException {
    List<String> json = JsonStrings.read(text, source.line());
    if (json != null) {
      return new Command(true, List.copyOf(json));
    }
    return new Command(false, text.isEmpty() ? List.of() : List.of(text));
  }

  private String single() throws DockerfileException {
    if (Words.split(flags.rest(), escape).size() != 1) {
      throw failure(keyword + " takes exactly one argument; found " + flags.rest() + ".");
    }
    return flags.rest();
  }

  private List<String> volumes() throws DockerfileException {
    List<String> json = JsonStrings.read(flags.rest(), source.line());
    List<String> paths = json != null ? json : Words.atBlanks(flags.rest());
    if (paths.isEmpty() || paths.stream().anyMatch(String::isBlank)) {
      throw failure("VOLUME needs paths that are not empty.");
    }
    return List.copyOf(paths);
  }

  private List<String> shell() throws DockerfileException {
    List<String> json = JsonStrings.read(flags.rest(), source.line());
    if (json == null || json.isEmpty()) {
      throw failure("SHELL takes the JSON form only, as in SHELL [\"/bin/bash\", \"-c\"].");
    }
    return List.copyOf(json);
  }

  private Instruction onBuild() throws DockerfileException {
    String trigger = flags.rest();
    Keyword inner = Keyword.required(Words.atBlanks(trigger).getFirst(), source.line());
    if (inner == Keyword.ONBUILD || inner == Keyword.FROM || inner == Keyword.MAINTAINER) {
      throw failure("ONBUILD " + inner + " is not allowed.");
    }
    return new Instruction.OnBuild(
        source, trigger, read(new Source(source.line(), trigger), heredocs, escape));
  }

  private @Nullable String flag(String name) {
    List<String> values = flags.values().get(name);
    return values == null ? null : values.getLast();
  }

  private DockerfileException failure(String problem) {
    return new DockerfileException(source.line(), problem);
  }
}
