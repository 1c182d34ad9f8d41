package dev.buildman.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.buildman.config.ConfigResult;
import dev.buildman.config.Problem;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says everything that is wrong with a configuration file. Ends with 0, or 78 for problems. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = {
      "Checks a configuration file without starting anything.",
      "Prints every problem at once, each with its place, what is allowed and what may have been"
          + " meant. Ends with 0 when the file can be used (warnings do not count), else with 78."
    })
public final class ConfigCheckCommand implements Callable<Integer> {

  /** {@code EX_CONFIG} of sysexits.h. */
  static final int BAD_CONFIGURATION = 78;

  @Parameters(paramLabel = "FILE", description = "The configuration, for instance config.yaml.")
  private Path file;

  @Option(names = "--json", description = "Print one JSON object for scripts.")
  private boolean json;

  @Spec private CommandSpec spec;

  private final Function<Path, ? extends ConfigResult<?>> reader;

  /**
   * A command that reads with the given reader.
   *
   * @param reader reads and checks a file as the manager would
   */
  public ConfigCheckCommand(Function<Path, ? extends ConfigResult<?>> reader) {
    this.reader = reader;
  }

  @Override
  public Integer call() throws JsonProcessingException {
    ConfigResult<?> result = reader.apply(file);
    List<Problem> problems =
        result instanceof ConfigResult.Invalid<?> invalid ? invalid.problems() : List.of();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      Map<String, Object> answer = new LinkedHashMap<>();
      answer.put("file", file.toString());
      answer.put("ok", problems.isEmpty());
      answer.put("problems", problems.stream().map(ConfigCheckCommand::fields).toList());
      answer.put("warnings", result.warnings().stream().map(ConfigCheckCommand::fields).toList());
      out.println(new JsonMapper().writerWithDefaultPrettyPrinter().writeValueAsString(answer));
    } else {
      problems.forEach(out::println);
      result.warnings().forEach(warning -> out.println("warning: " + warning));
      out.println(summary(problems.size(), result.warnings().size()));
    }
    out.flush();
    return problems.isEmpty() ? 0 : BAD_CONFIGURATION;
  }

  private String summary(int problems, int warnings) {
    String noted =
        warnings == 0 ? "" : warnings == 1 ? " (1 warning)" : " (" + warnings + " warnings)";
    return problems == 0
        ? file + " can be used" + noted + "."
        : file + " has " + problems + (problems == 1 ? " problem" : " problems") + noted + ".";
  }

  private static Map<String, Object> fields(Problem problem) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("key", problem.path());
    fields.put("line", problem.at().line());
    fields.put("column", problem.at().column());
    fields.put("message", problem.message());
    return fields;
  }
}
