package dev.buildman.cli;

import dev.buildman.client.BuildsClient;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.ListBuildsRequest;
import dev.buildman.proto.v1.ListBuildsResponse;
import dev.buildman.proto.v1.Phase;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists builds. */
@Command(
    name = "ps",
    mixinStandardHelpOptions = true,
    description = {
      "Lists builds, newest first: those that have not ended, or with -a all that are kept.",
      "With --json one document per line and build, with the fields of 'buildman show --json'."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  buildman ps                            # what waits and runs, and why it waits",
      "  buildman ps -a --repository acme/app   # the history of a repository",
      "  buildman ps -a --phase error -q        # ids of failed builds, one per line",
      "  buildman ps --json | jq -r '[.id, .phase, .reason] | @tsv'"
    })
final class PsCommand implements Callable<Integer> {

  private static final int PAGE = 500;
  private static final List<Phase> ALIVE =
      List.of(
          Phase.PHASE_WAITING,
          Phase.PHASE_BUILD_SCHEDULED,
          Phase.PHASE_UNPACKING,
          Phase.PHASE_PULLING,
          Phase.PHASE_BUILDING,
          Phase.PHASE_PUSHING);

  private final Terminal terminal;

  @Mixin private ServerOptions server;

  @Option(
      names = {"-a", "--all"},
      description = "Also builds that have ended.")
  private boolean all;

  @Option(
      names = "--namespace",
      paramLabel = "NAME",
      description = "Only builds of this namespace.")
  private String namespace = "";

  @Option(
      names = "--repository",
      paramLabel = "NAMESPACE/NAME",
      description = "Only builds of this repository.")
  private String repository = "";

  @Option(
      names = "--phase",
      paramLabel = "PHASE",
      split = ",",
      description = "Only builds in these phases; may be repeated or joined by commas.")
  private List<String> phases = new ArrayList<>();

  @Option(
      names = {"-n", "--limit"},
      paramLabel = "NUMBER",
      defaultValue = "50",
      description = "At most so many. Default: ${DEFAULT-VALUE}.")
  private int limit;

  @Option(
      names = {"-q", "--quiet"},
      description = "Only ids, one per line.")
  private boolean quiet;

  @Option(names = "--json", description = "JSON, one build per line.")
  private boolean json;

  PsCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    if (limit < 1) {
      throw new UsageException("--limit must be 1 or more");
    }
    try (BuildsClient client = server.connect(terminal)) {
      Listed listed = list(client);
      if (json) {
        listed.builds().forEach(build -> Json.line(terminal.out(), JsonView.build(build)));
      } else if (quiet) {
        listed.builds().forEach(build -> terminal.out().println(build.getId()));
      } else {
        print(listed);
      }
    }
    return ExitCode.OK;
  }

  private record Listed(List<Build> builds, boolean more) {}

  private Listed list(BuildsClient client) {
    List<Build> builds = new ArrayList<>();
    String token = "";
    do {
      ListBuildsResponse page =
          client.listBuilds(
              ListBuildsRequest.newBuilder()
                  .setNamespace(namespace)
                  .setRepository(repository)
                  .addAllPhases(wanted())
                  .setPageSize(Math.min(PAGE, limit - builds.size()))
                  .setPageToken(token)
                  .build());
      builds.addAll(page.getBuildsList());
      token = page.getNextPageToken();
    } while (!token.isEmpty() && builds.size() < limit);
    return new Listed(builds, !token.isEmpty());
  }

  private List<Phase> wanted() {
    if (!phases.isEmpty()) {
      return phases.stream().map(Words::phaseOf).toList();
    }
    return all ? List.of() : ALIVE;
  }

  private void print(Listed listed) {
    if (listed.builds().isEmpty()) {
      String hint =
          all || !phases.isEmpty() ? "" : "; 'buildman ps -a' also lists those that ended";
      terminal.err().println("No builds" + hint + ".");
      return;
    }
    Instant now = terminal.clock().instant();
    Table table = new Table("ID", "REPOSITORY", "PHASE", "AGE", "ATTEMPT", "WHY");
    for (Build build : listed.builds()) {
      table.row(
          BuildIds.shortened(build),
          build.getRepository(),
          Words.phase(build.getPhase()),
          Words.span(Words.age(build, now)),
          Integer.toString(build.getAttempt()),
          why(build));
    }
    table.print(terminal.out());
    if (listed.more()) {
      terminal.err().println("There are more: raise --limit.");
    }
  }

  private static String why(Build build) {
    String place = build.getQueuePosition() > 1 ? " (%d before it)" : "";
    String text = build.getReasonText().isEmpty() ? build.getReason() : build.getReasonText();
    return text.lines().findFirst().orElse("") + place.formatted(build.getQueuePosition() - 1);
  }
}
