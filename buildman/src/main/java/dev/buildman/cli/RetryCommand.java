package dev.buildman.cli;

import dev.buildman.client.BuildsClient;
import dev.buildman.proto.v1.CreateBuildResponse;
import dev.buildman.proto.v1.RetryBuildRequest;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Asks for an ended build again. */
@Command(
    name = "retry",
    mixinStandardHelpOptions = true,
    description = {
      "Asks again for what an ended build asked for, as a new build, and follows it.",
      "Refused when the build's uploaded source or its secrets are not kept any more."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  buildman retry $id",
      "  buildman ps -a --phase internalerror -q | xargs -n1 buildman retry -d"
    })
final class RetryCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private ServerOptions server;
  @Mixin private FollowOptions following;

  @Parameters(paramLabel = "ID", description = "The build, or the first characters of its id.")
  private String id;

  RetryCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    following.check();
    try (BuildsClient client = server.connect(terminal)) {
      RetryBuildRequest request =
          RetryBuildRequest.newBuilder()
              .setBuildId(BuildIds.resolve(client, id))
              .setNewBuildId(UUID.randomUUID().toString())
              .build();
      CreateBuildResponse created = client.retryBuild(request);
      return following.follow(terminal, client, created.getBuild());
    }
  }
}
