package dev.buildman.cli;

import dev.buildman.client.CallFailed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Tells every failure in a readable line, with what to do, and turns it into the exit status. */
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {

  private static final Logger log = LoggerFactory.getLogger(Failures.class);

  private final Terminal terminal;

  Failures(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public int handleParseException(ParameterException failure, String[] arguments) {
    CommandLine command = failure.getCommandLine();
    terminal.complain(firstLine(failure));
    UnmatchedArgumentException.printSuggestions(failure, command.getErr());
    terminal.err().println("Try '%s --help'.".formatted(command.getCommandSpec().qualifiedName()));
    return ExitCode.USAGE;
  }

  @Override
  public int handleExecutionException(
      Exception failure, CommandLine command, ParseResult arguments) {
    // The given result is the root's; the option was matched by the command that failed.
    boolean json = command.getParseResult().hasMatchedOption("--json");
    return switch (failure) {
      case CallFailed call -> call(call, json);
      case UsageException usage -> told("USAGE", usage, json, ExitCode.USAGE);
      case IOException io -> told("IO", io, json, ExitCode.USAGE);
      case UncheckedIOException io -> told("IO", io, json, ExitCode.USAGE);
      case InterruptedException interrupted ->
          told("INTERRUPTED", interrupted, json, ExitCode.SOFTWARE);
      default -> bug(failure, json);
    };
  }

  private int call(CallFailed failure, boolean json) {
    if (json) {
      printJson(failure.reason(), failure);
    } else if (failure.fields().isEmpty()) {
      terminal.complain(firstLine(failure) + advice(failure.kind()));
    } else {
      for (CallFailed.Field field : failure.fields()) {
        terminal.complain(OptionNames.of(field.name()) + ": " + field.text());
      }
    }
    return switch (failure.kind()) {
      case UNREACHABLE -> ExitCode.UNREACHABLE;
      case INVALID -> ExitCode.USAGE;
      case NOT_FOUND, UNAUTHENTICATED, REFUSED -> ExitCode.REFUSED;
      case FAILED -> ExitCode.SOFTWARE;
    };
  }

  private static String advice(CallFailed.Kind kind) {
    return switch (kind) {
      case UNREACHABLE ->
          "; start one with 'buildman standalone', or name it with --server or BUILDMAN_SERVER";
      case UNAUTHENTICATED -> "; give its API token in BUILDMAN_API_TOKEN or --token-file";
      case NOT_FOUND -> "; 'buildman ps -a' lists the builds";
      default -> "";
    };
  }

  private int told(String reason, Exception failure, boolean json, int status) {
    if (json) {
      printJson(reason, failure);
    } else {
      terminal.complain(firstLine(failure));
    }
    return status;
  }

  private int bug(Exception failure, boolean json) {
    // The trace goes to the log (BUILDMAN_DEBUG), as it helps nobody who only wants an image.
    log.debug("command failed", failure);
    told("SOFTWARE", failure, json, ExitCode.SOFTWARE);
    if (!json) {
      terminal
          .err()
          .println("This is a fault of buildman: please report it with the command used.");
    }
    return ExitCode.SOFTWARE;
  }

  private void printJson(String reason, Exception failure) {
    Map<String, Object> error = new LinkedHashMap<>();
    error.put("type", "error");
    error.put("reason", reason);
    error.put("message", firstLine(failure));
    List<Map<String, Object>> fields = new ArrayList<>();
    if (failure instanceof CallFailed call) {
      call.fields().forEach(f -> fields.add(Map.of("field", f.name(), "message", f.text())));
    }
    error.put("fields", fields);
    Json.line(terminal.out(), error);
  }

  private static String firstLine(Exception failure) {
    String message = failure.getMessage();
    return message == null
        ? failure.getClass().getSimpleName()
        : message.lines().findFirst().orElse("");
  }
}
