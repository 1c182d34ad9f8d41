package dev.buildman.agent.engine.buildah;

import dev.buildman.agent.engine.BuildPlan;
import dev.buildman.agent.engine.BuildRequest;
import dev.buildman.agent.engine.CacheRefs;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.RegistrySettings;
import dev.buildman.agent.runtime.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The world that one build's buildah runs in: storage, temporary files and configuration of its own
 * in the work folder; nothing of the machine's or a user's container configuration is read.
 *
 * @param folder of the build
 * @param options that stand before each of buildah's commands
 * @param variables the whole environment
 */
record World(Path folder, List<String> options, Map<String, String> variables) {
  /** The Dockerfile as buildah reads it. */
  static final String DOCKERFILE = "Dockerfile";

  /** The folder of files that were laid out for COPY. */
  static final String STAGED = "staged";

  /** The file with credentials, where there is one. */
  static final String AUTH = "auth.json";

  static final String SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private static final String ACCEPT_ALL =
      "{\"default\":[{\"type\":\"insecureAcceptAnything\"}]}\n";

  static World create(BuildRequest request, BuildahSettings settings, BuildPlan plan)
      throws IOException {
    Path folder = request.workDir().toRealPath();
    for (String name : List.of("home", "run", "tmp", "networks", STAGED)) {
      privateFolder(folder.resolve(name));
    }
    Files.writeString(folder.resolve("policy.json"), ACCEPT_ALL);
    // Else a lock is made below /etc, which a worker may not be able to write to.
    Files.writeString(
        folder.resolve("containers.conf"),
        "[network]\nnetwork_config_dir = \"%s\"\n".formatted(folder.resolve("networks")));
    Files.writeString(
        folder.resolve("registries.conf"),
        registries(request.registries().settings(), registriesOf(request, plan)));
    return new World(folder, List.of(), variables(folder, settings));
  }

  /** The same with new, empty storage of this kind. */
  World withStorage(String driver) throws IOException {
    Path storage = file("storage");
    Path runroot = file("runroot");
    for (Path path : List.of(storage, runroot)) {
      Folders.delete(path);
      privateFolder(path);
    }
    Files.writeString(
        file("storage.conf"),
        "[storage]\ndriver = \"%s\"\ngraphroot = \"%s\"\nrunroot = \"%s\"\n"
            .formatted(driver, storage, runroot));
    return new World(
        folder,
        List.of("--root=" + storage, "--runroot=" + runroot, "--storage-driver=" + driver),
        variables);
  }

  private static void privateFolder(Path path) throws IOException {
    Files.createDirectory(
        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  private static Set<String> registriesOf(BuildRequest request, BuildPlan plan) {
    Set<String> names = new TreeSet<>();
    for (ImageReference tag : request.tags()) {
      names.add(tag.repository().registry());
    }
    plan.references().forEach(image -> names.add(image.repository().registry()));
    CacheRefs cache = request.options().cache();
    Stream.concat(cache.from().stream(), cache.to().stream())
        .forEach(image -> names.add(image.repository().registry()));
    return names;
  }

  private static String registries(RegistrySettings settings, Set<String> names) {
    StringBuilder text = new StringBuilder("unqualified-search-registries = [\"docker.io\"]\n");
    text.append("short-name-mode = \"disabled\"\n");
    for (String name : names) {
      List<String> mirrors = settings.mirrors().byRegistry().getOrDefault(name, List.of());
      if (settings.isInsecure(name) || !mirrors.isEmpty()) {
        place(text, "[[registry]]", name, settings);
        mirrors.forEach(mirror -> place(text, "[[registry.mirror]]", mirror, settings));
      }
    }
    return text.toString();
  }

  private static void place(
      StringBuilder text, String table, String location, RegistrySettings settings) {
    boolean insecure = settings.isInsecure(location.replaceFirst("/.*", ""));
    text.append("%s\nlocation = \"%s\"\ninsecure = %s\n".formatted(table, location, insecure));
  }

  private static Map<String, String> variables(Path folder, BuildahSettings settings) {
    Map<String, String> variables = new HashMap<>(settings.environment());
    variables.put("PATH", SEARCH_PATH);
    variables.put("HOME", folder.resolve("home").toString());
    variables.put("USER", System.getProperty("user.name", "root"));
    variables.put("XDG_RUNTIME_DIR", folder.resolve("run").toString());
    variables.put("TMPDIR", folder.resolve("tmp").toString());
    variables.put("BUILDAH_ISOLATION", settings.isolation());
    variables.put("CONTAINERS_CONF", folder.resolve("containers.conf").toString());
    variables.put("CONTAINERS_STORAGE_CONF", folder.resolve("storage.conf").toString());
    variables.put("CONTAINERS_REGISTRIES_CONF", folder.resolve("registries.conf").toString());
    variables.put("LC_ALL", "C.UTF-8");
    return variables;
  }

  /** How RUN is kept apart from the machine. */
  String isolation() {
    return variables.getOrDefault("BUILDAH_ISOLATION", "chroot");
  }

  /** A place for a file of this build. */
  Path file(String name) {
    return folder.resolve(name);
  }

  /** What every command that reads or writes images needs. */
  List<String> policy() {
    return new ArrayList<>(List.of("--signature-policy", file("policy.json").toString()));
  }
}
