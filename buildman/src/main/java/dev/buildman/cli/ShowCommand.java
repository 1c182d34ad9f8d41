package dev.buildman.cli;

import dev.buildman.client.BuildsClient;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.Event;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows one build with its history. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    description = "Shows a build: where it stands and why, its attempts, what came out of it.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  buildman show 3f2a9c1e                          # the first characters are enough",
      "  buildman show $id --json | jq -r .phase",
      "  buildman show $id --json | jq -r '.events[] | [.time, .reason, .text] | @tsv'"
    })
final class ShowCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private ServerOptions server;

  @Parameters(paramLabel = "ID", description = "The build, or the first characters of its id.")
  private String id;

  @Option(names = "--json", description = "One JSON document, with the history in 'events'.")
  private boolean json;

  ShowCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    try (BuildsClient client = server.connect(terminal)) {
      Build build = client.getBuildWithEvents(BuildIds.resolve(client, id));
      if (json) {
        Map<String, Object> document = new LinkedHashMap<>(JsonView.build(build));
        document.put("events", build.getEventsList().stream().map(JsonView::event).toList());
        Json.line(terminal.out(), document);
      } else {
        print(build);
      }
    }
    return ExitCode.OK;
  }

  private void print(Build build) {
    field("id", build.getId());
    field("image", Words.image(build));
    if (build.getTagsCount() > 1) {
      field("tags", String.join(", ", build.getTagsList()));
    }
    field("source", build.getSource());
    field("phase", Words.phase(build.getPhase()) + lasting(build));
    field("reason", reason(build));
    if (build.getQueuePosition() > 0) {
      field("position", build.getQueuePosition() + " in the queue");
    }
    field("attempt", attempt(build));
    if (build.hasWorker()) {
      field("worker", build.getWorker().getExecutor() + ", " + build.getWorker().getExecutionId());
    }
    if (build.getWorker().hasUsage()) {
      field("uses", Words.usage(build.getWorker().getUsage()));
    }
    if (build.getResult().hasPeak()) {
      field("peak", Words.usage(build.getResult().getPeak()));
    }
    build.getResult().getDigestsList().forEach(digest -> field("digest", digest));
    optional("foreign id", build.getForeignId());
    optional("retry of", build.getRetryOf());
    optional("cancelled by", build.getCancelledBy());
    build.getMetadataMap().forEach((key, value) -> field("metadata", key + "=" + value));
    history(build);
    advice(build);
  }

  private void optional(String name, String value) {
    if (!value.isEmpty()) {
      field(name, value);
    }
  }

  private void field(String name, String value) {
    terminal.out().println("%-13s %s".formatted(name, value));
  }

  private String lasting(Build build) {
    Duration age = Words.age(build, terminal.clock().instant());
    return Words.isTerminal(build.getPhase())
        ? " after " + Words.span(age)
        : " since its enqueue " + Words.span(age) + " ago";
  }

  private static String reason(Build build) {
    return build.getReasonText().isEmpty()
        ? build.getReason()
        : build.getReason() + ": " + build.getReasonText();
  }

  private static String attempt(Build build) {
    String interruptions =
        build.getInterruptions() == 0 ? "" : ", %d interrupted".formatted(build.getInterruptions());
    return "%d (%d tries left%s)"
        .formatted(build.getAttempt(), build.getTriesLeft(), interruptions);
  }

  private void history(Build build) {
    PrintStream out = terminal.out();
    if (build.getEventsCount() == 0) {
      return;
    }
    Instant start = Words.instant(build.getEvents(0).getTime());
    out.println();
    Table table = new Table("AFTER", "ATTEMPT", "EXECUTOR", "REASON", "");
    for (Event event : build.getEventsList()) {
      Duration after = Duration.between(start, Words.instant(event.getTime()));
      table.row(
          "%d.%03ds".formatted(after.toSeconds(), after.toMillisPart()),
          event.getAttempt() == 0 ? "-" : Integer.toString(event.getAttempt()),
          event.getExecutor().isEmpty() ? "-" : event.getExecutor(),
          event.getReason(),
          event.getText().lines().findFirst().orElse(""));
    }
    table.print(out);
  }

  private void advice(Build build) {
    Advice.after(build).ifPresent(text -> terminal.out().println("\n" + text));
  }
}
