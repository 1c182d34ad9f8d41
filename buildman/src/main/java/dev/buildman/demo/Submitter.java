package dev.buildman.demo;

import dev.buildman.client.BuildsClient;
import dev.buildman.client.ContextFolder;
import dev.buildman.client.PackedContext;
import dev.buildman.client.SourceUpload;
import dev.buildman.model.BuildId;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.BuildSpec;
import dev.buildman.proto.v1.CreateBuildRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Sends a folder and enqueues its build, as {@code buildman build} does. */
record Submitter(BuildsClient client, String registry) {
  Build enqueue(String repository, Path folder, Map<String, String> buildArgs)
      throws IOException, InterruptedException {
    try (PackedContext context = ContextFolder.pack(folder, "Dockerfile")) {
      new SourceUpload(client)
          .send(context.file(), context.digest(), PackedContext.CONTENT_TYPE, sent -> {});
      BuildSpec spec =
          BuildSpec.newBuilder()
              .setRepository(repository)
              .setRegistry(registry)
              .addTags("demo")
              .setUploadedSource(context.digest())
              .putAllBuildArgs(buildArgs)
              .build();
      return client
          .createBuild(
              CreateBuildRequest.newBuilder()
                  .setBuildId(BuildId.random().value())
                  .setSpec(spec)
                  .build())
          .getBuild();
    }
  }
}
