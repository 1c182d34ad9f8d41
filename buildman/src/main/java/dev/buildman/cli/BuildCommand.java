package dev.buildman.cli;

import dev.buildman.client.BuildsClient;
import dev.buildman.client.CallFailed;
import dev.buildman.client.ContextFolder;
import dev.buildman.client.PackedContext;
import dev.buildman.client.SourceUpload;
import dev.buildman.proto.v1.BuildSpec;
import dev.buildman.proto.v1.CreateBuildRequest;
import dev.buildman.proto.v1.CreateBuildResponse;
import dev.buildman.proto.v1.GitSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Asks for a build and follows it. */
@Command(
    name = "build",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Builds an image and pushes it. Sends the source, follows the build, prints its log.",
      "",
      "SOURCE is a folder of this machine (what .dockerignore names stays here), the URL of a tar"
          + " (plain, gzip, xz, bzip2 or zstd), a zip or a Dockerfile, a git reference"
          + " URL[#REF[:FOLDER]], docker://IMAGE for an image that is copied instead of built, or"
          + " - for a Dockerfile on standard input. A URL is taken for git when its path ends in"
          + " .git, or after git+.",
      "",
      "Ctrl-C ends the watching, not the build. Exit status: 0 complete, 1 failed, 2 wrong request,"
          + " 3 cancelled, 4 no manager, 5 refused.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  buildman build -t acme/app .",
      "  buildman build -t acme/app:v2 -t acme/app:latest -f docker/Dockerfile --build-arg V=2 .",
      "  buildman build -t quay.example/acme/app https://github.com/acme/app.git#main:services/app",
      "  buildman build -t acme/app --git-key ~/.ssh/deploy git@host:acme/app.git",
      "  buildman build -t acme/base - < Dockerfile",
      "  buildman build -t quay.example/mirror/debian:13 docker://docker.io/library/debian:13",
      "  digest=$(buildman build -q -t acme/app .) && deploy $digest",
      "  buildman build --json -t acme/app . | jq -r 'select(.type == \"result\") | .phase'"
    })
final class BuildCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private SpecOptions options;

  @Option(
      names = "--git-key",
      paramLabel = "FILE",
      description = "Private key for a git repository over ssh.")
  private @Nullable Path gitKey;

  @Option(
      names = "--git-token-file",
      paramLabel = "FILE",
      description = "File with the token for a git repository over https.")
  private @Nullable Path gitToken;

  @Option(
      names = "--git-known-hosts",
      paramLabel = "FILE",
      description =
          "Host keys to accept for a git repository over ssh, as ssh-keyscan prints them. Default:"
              + " the first one that comes.")
  private @Nullable Path gitKnownHosts;

  @Option(names = "--no-submodules", description = "Leave a git repository's submodules out.")
  private boolean noSubmodules;

  @Option(
      names = "--digest",
      paramLabel = "sha256:HEX",
      description = "Check what a URL serves against this digest.")
  private String digest = "";

  @Mixin private FollowOptions following;
  @Mixin private ServerOptions server;

  @Parameters(
      paramLabel = "SOURCE",
      arity = "0..1",
      defaultValue = ".",
      description = "Folder, URL, git reference or -. Default: the present folder.")
  private String source;

  BuildCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    following.check();
    BuildSource parsed = BuildSource.parse(source);
    CreateBuildRequest.Builder request = options.request(terminal);
    checkUse(parsed);
    try (BuildsClient client = server.connect(terminal)) {
      fill(request.getSpecBuilder(), parsed, client);
      // Named here, so that a lost answer can be asked for again without a second build.
      request.setBuildId(UUID.randomUUID().toString());
      CreateBuildResponse created = create(client, request.build());
      if (!following.isQuiet()) {
        String known = created.getExisting() ? " (there already)" : "";
        terminal.err().println("build " + created.getBuild().getId() + known);
      }
      return following.follow(terminal, client, created.getBuild());
    }
  }

  private void checkUse(BuildSource parsed) {
    boolean git = gitKey != null || gitToken != null || gitKnownHosts != null || noSubmodules;
    if (git && !(parsed instanceof BuildSource.Git)) {
      throw new UsageException(
          "--git-key, --git-token-file, --git-known-hosts and --no-submodules are for git"
              + " references only");
    }
    if (!digest.isEmpty() && !(parsed instanceof BuildSource.Url)) {
      throw new UsageException("--digest is for URLs only");
    }
  }

  private CreateBuildResponse create(BuildsClient client, CreateBuildRequest request) {
    try {
      return client.createBuild(request);
    } catch (CallFailed e) {
      if (e.kind() == CallFailed.Kind.UNREACHABLE && !following.isJson()) {
        terminal.complain(
            "it is not known whether the build was taken: 'buildman show %s' tells"
                .formatted(request.getBuildId()));
      }
      throw e;
    }
  }

  private void fill(BuildSpec.Builder spec, BuildSource parsed, BuildsClient client)
      throws IOException, InterruptedException {
    switch (parsed) {
      case BuildSource.Folder(Path path) -> spec.setUploadedSource(send(path, client));
      case BuildSource.Url(String url) -> spec.setPackageUrl(url).setPackageDigest(digest);
      case BuildSource.Image(String reference) -> spec.setSourceImage(reference);
      case BuildSource.Git git -> {
        spec.setGit(git(git));
        if (!git.folder().isEmpty() && !options.context().isEmpty()) {
          throw new UsageException("the folder is given twice: in SOURCE and with --context");
        }
        if (!git.folder().isEmpty()) {
          spec.setContext(git.folder());
        }
      }
      case BuildSource.Stdin _ ->
          spec.setInlineDockerfile(
              new String(terminal.in().readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private GitSource git(BuildSource.Git git) {
    GitSource.Builder message = GitSource.newBuilder().setUrl(git.url()).setRef(git.ref());
    if (gitKey != null) {
      message.setPrivateKey(SecretFile.readWhole("--git-key", gitKey).reveal());
    }
    if (gitToken != null) {
      message.setToken(SecretFile.read("--git-token-file", gitToken).reveal());
    }
    if (gitKnownHosts != null) {
      message.setKnownHosts(SecretFile.readWhole("--git-known-hosts", gitKnownHosts).reveal());
    }
    return message.setSkipSubmodules(noSubmodules).build();
  }

  private String send(Path folder, BuildsClient client) throws IOException, InterruptedException {
    String dockerfile = dockerfile(folder);
    try (PackedContext packed = ContextFolder.pack(folder, dockerfile)) {
      try (UploadProgress progress = UploadProgress.of(terminal, packed, following.isQuiet())) {
        boolean existing =
            new SourceUpload(client)
                .send(packed.file(), packed.digest(), PackedContext.CONTENT_TYPE, progress::sent)
                .getExisting();
        progress.done(existing);
      }
      return packed.digest();
    }
  }

  /** The Dockerfile's path in the folder; a build without one fails here and not on a worker. */
  private String dockerfile(Path folder) {
    String inContext =
        options.context().isEmpty() ? "Dockerfile" : options.context() + "/Dockerfile";
    String named = options.file().isEmpty() ? inContext : options.file();
    // Absolute: the normal form of "." is empty, and nothing begins with it.
    Path root = folder.toAbsolutePath().normalize();
    Path path = root.resolve(named).normalize();
    if (!path.startsWith(root)) {
      throw new UsageException("--file: '%s' is not in the folder %s".formatted(named, folder));
    }
    if (!Files.isRegularFile(path)) {
      throw new UsageException(
          "there is no '%s' in %s: name the Dockerfile with --file".formatted(named, folder));
    }
    return root.relativize(path).toString().replace('\\', '/');
  }
}
