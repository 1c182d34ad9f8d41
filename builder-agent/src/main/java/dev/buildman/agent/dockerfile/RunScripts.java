package dev.buildman.agent.dockerfile;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Writes the here-documents of RUN in the JSON form, for engines whose own reader does not know
 * them. Every other line stays as it is and where it is, so that line numbers hold.
 *
 * <p>A here-document alone is a script: the shell runs it, or the program that its first line names
 * after {@code #!}. Beside other words it is the shell's own here-document. The shell is that of
 * the stage's SHELL; one that only the base image names is not known here and is taken for {@code
 * /bin/sh -c}.
 */
public final class RunScripts {

  private static final List<String> DEFAULT_SHELL = List.of("/bin/sh", "-c");
  private static final String END = "BUILDMAN_END_OF_SCRIPT";

  private final Directives directives;
  private final Map<String, List<String>> shells = new HashMap<>();
  private List<String> shell = DEFAULT_SHELL;
  private String stage = "";

  private RunScripts(Directives directives) {
    this.directives = directives;
  }

  /**
   * The same Dockerfile without here-documents of RUN.
   *
   * @throws DockerfileException when the file cannot be read
   */
  public static String inline(String text) throws DockerfileException {
    List<String> lines = new ArrayList<>(LineReader.physicalLines(text));
    Directives directives = Directives.of(lines);
    RunScripts scripts = new RunScripts(directives);
    for (LogicalLine line : LineReader.read(lines, directives)) {
      String replacement = scripts.read(line);
      if (!replacement.isEmpty()) {
        lines.set(line.number() - 1, replacement);
        for (int i = line.number(); i < line.end(); i++) {
          lines.set(i, "");
        }
      }
    }
    return String.join("\n", lines) + "\n";
  }

  /** What replaces the instruction; empty where it stays. */
  private String read(LogicalLine line) throws DockerfileException {
    switch (InstructionReader.read(line, directives.escape())) {
      case Instruction.From from -> {
        stage = from.name() == null ? "" : from.name();
        shell = shells.getOrDefault(from.image().toLowerCase(Locale.ROOT), DEFAULT_SHELL);
        shells.put(stage, shell);
      }
      case Instruction.Shell named -> {
        shell = named.words();
        shells.put(stage, shell);
      }
      case Instruction.Run run when !run.heredocs().isEmpty() -> {
        return rewrite(run);
      }
      default -> {}
    }
    return "";
  }

  private String rewrite(Instruction.Run run) {
    String command = run.command().words().getFirst();
    String flags =
        run.text().substring("RUN".length(), run.text().length() - command.length()).strip();
    List<String> words = new ArrayList<>(shell);
    words.add(script(command, run.heredocs()));
    String json = String.join(", ", words.stream().map(RunScripts::quoted).toList());
    return "RUN " + (flags.isEmpty() ? "" : flags + " ") + "[" + json + "]";
  }

  private static String script(String command, List<Heredoc> heredocs) {
    if (heredocs.size() == 1 && command.matches("<<-?\\S+")) {
      String text = heredocs.getFirst().text();
      return text.startsWith("#!") ? asProgram(text) : text;
    }
    StringBuilder script = new StringBuilder(command).append('\n');
    for (Heredoc heredoc : heredocs) {
      script.append(heredoc.content()).append(heredoc.name()).append('\n');
    }
    return script.toString();
  }

  private static String asProgram(String text) {
    return """
    for d in "${TMPDIR:-/tmp}" /tmp "${HOME:-/}" /; do
      [ -d "$d" ] && [ -w "$d" ] && break
    done
    f="${d%%/}/.buildman-script"
    cat > "$f" <<'%1$s' && chmod 700 "$f" || exit 1
    %2$s%1$s
    "$f"
    s=$?
    rm -f "$f"
    exit $s
    """
        .formatted(END, text);
  }

  static String quoted(String text) {
    StringBuilder json = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> json.append('\\').append(c);
        case '\n' -> json.append("\\n");
        case '\t' -> json.append("\\t");
        default ->
            json.append(
                c < ' ' ? String.format(Locale.ROOT, "\\u%04x", (int) c) : String.valueOf(c));
      }
    }
    return json.append('"').toString();
  }
}
