package dev.buildman.intake;

import dev.buildman.intake.BuildRequest.RequestedCredentials;
import dev.buildman.model.BuildSpec;
import dev.buildman.model.Credentials;
import dev.buildman.model.EngineNeeds;
import dev.buildman.model.RepositoryName;
import dev.buildman.model.Source;
import dev.buildman.sources.SourceDigest;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks the image that is wanted, field by field. */
final class SpecCheck {

  private static final int MOST_TAGS = 64;
  private static final int MOST_ENTRIES = 512;
  private static final int LARGEST_MAP = 256 << 10;
  private static final int LONGEST_PASSWORD = 16 << 10;
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");
  private static final Pattern REGISTRY =
      Pattern.compile(
          "(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\\[[0-9A-Fa-f:.]+])(?::(?<port>[0-9]{1,5}))?");
  private static final Pattern ARG_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");
  private static final Pattern LABEL_NAME = Pattern.compile("[\\x21-\\x7e&&[^=\"']]{1,256}");
  private static final Pattern TARGET = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

  private final Violations violations;
  private final String defaultRegistry;
  private final Predicate<SourceDigest> uploaded;

  SpecCheck(Violations violations, String defaultRegistry, Predicate<SourceDigest> uploaded) {
    this.violations = violations;
    this.defaultRegistry = defaultRegistry;
    this.uploaded = uploaded;
  }

  /** The checked spec; null when the image or its source could not even be understood. */
  @Nullable BuildSpec check(BuildRequest.Spec spec) {
    RepositoryName repository =
        violations.parse("spec.repository", () -> RepositoryName.parse(spec.repository()));
    String registry = registry(spec.registry());
    List<String> tags = tags(spec.tags());
    Source source = new SourceCheck(violations, uploaded).check(spec.sources());
    String context = RelativePath.check("spec.context", spec.context(), violations);
    String dockerfile = RelativePath.check("spec.dockerfile", spec.dockerfile(), violations);
    checkUnused(spec, source);
    checkMap(
        "spec.build_args", spec.buildArgs(), ARG_NAME, "letters, digits and '_', no digit first");
    checkMap(
        "spec.labels", spec.labels(), LABEL_NAME, "printable ASCII without spaces, '=' and quotes");
    violations.require(
        spec.target().isEmpty() || TARGET.matcher(spec.target()).matches(),
        "spec.target",
        "it must be a stage's name or number");
    Credentials push = credentials("spec.push_credentials", spec.push());
    Map<String, Credentials> pull = pull(spec.pull());
    EngineNeeds needs = new EngineNeedsCheck(violations).check(spec.needs());
    if (repository == null || source == null) {
      return null;
    }
    return new BuildSpec(
        repository,
        registry,
        tags,
        source,
        context,
        dockerfile,
        spec.buildArgs(),
        spec.labels(),
        spec.target(),
        spec.noCache(),
        push,
        pull,
        needs);
  }

  private String registry(String registry) {
    if (registry.isEmpty()) {
      violations.require(
          !defaultRegistry.isEmpty(),
          "spec.registry",
          "name the registry (host[:port]): this manager has no default (SERVER_HOSTNAME)");
      return defaultRegistry;
    }
    checkRegistry("spec.registry", registry);
    return registry;
  }

  private void checkRegistry(String field, String registry) {
    var matcher = REGISTRY.matcher(registry);
    boolean good = matcher.matches();
    if (good && matcher.group("port") != null) {
      int port = Integer.parseInt(matcher.group("port"));
      good = port >= 1 && port <= 65535;
    }
    violations.require(good, field, "a registry is host[:port], without scheme, user or path");
  }

  private List<String> tags(List<String> tags) {
    if (tags.isEmpty()) {
      return List.of("latest");
    }
    violations.require(tags.size() <= MOST_TAGS, "spec.tags", "at most " + MOST_TAGS + " tags");
    for (int i = 0; i < Math.min(tags.size(), MOST_TAGS); i++) {
      violations.require(
          TAG.matcher(tags.get(i)).matches(),
          "spec.tags[" + i + "]",
          "a tag is 1 to 128 letters, digits, '.', '_' and '-', the first no '.' or '-'");
    }
    return tags.stream().distinct().toList();
  }

  // What an inline Dockerfile cannot use is refused, so that nothing asked for is dropped in
  // silence.
  private void checkUnused(BuildRequest.Spec spec, @Nullable Source source) {
    checkInline(source, spec.context(), spec.dockerfile());
    if (source instanceof Source.Image) {
      checkCopy(spec);
    }
  }

  private void checkCopy(BuildRequest.Spec spec) {
    String text = "an image that is copied stays as it is, with its digest: nothing is built";
    violations.require(spec.context().isEmpty(), "spec.context", text);
    violations.require(spec.dockerfile().isEmpty(), "spec.dockerfile", text);
    violations.require(spec.buildArgs().isEmpty(), "spec.build_args", text);
    violations.require(spec.labels().isEmpty(), "spec.labels", text);
    violations.require(spec.target().isEmpty(), "spec.target", text);
    violations.require(!spec.noCache(), "spec.no_cache", text);
    EngineNeeds needs = spec.needs();
    violations.require(needs.platforms().isEmpty(), "spec.platforms", text);
    violations.require(needs.secrets().isEmpty(), "spec.secrets", text);
    violations.require(needs.sshKeys().isEmpty(), "spec.ssh_keys", text);
    violations.require(needs.cache().from().isEmpty(), "spec.cache_from", text);
    violations.require(needs.cache().to().isEmpty(), "spec.cache_to", text);
    violations.require(needs.limits().equals(EngineNeeds.RunLimits.NONE), "spec.run_limits", text);
  }

  private void checkInline(@Nullable Source source, String context, String dockerfile) {
    if (source instanceof Source.Inline) {
      String text = "an inline Dockerfile has no context and no path";
      violations.require(context.isEmpty(), "spec.context", text);
      violations.require(dockerfile.isEmpty(), "spec.dockerfile", text);
    }
  }

  private void checkMap(String field, Map<String, String> map, Pattern name, String allowed) {
    violations.require(map.size() <= MOST_ENTRIES, field, "at most " + MOST_ENTRIES + " entries");
    violations.require(
        bytes(map) <= LARGEST_MAP, field, "at most 256 KiB of names and values in all");
    map.forEach(
        (key, value) -> {
          String entry = field + "[" + quoted(key) + "]";
          violations.require(name.matcher(key).matches(), entry, "a name here is " + allowed);
          violations.require(value.indexOf('\0') < 0, entry, "a value holds no NUL character");
        });
  }

  static long bytes(Map<String, String> map) {
    long bytes = 0;
    for (Map.Entry<String, String> entry : map.entrySet()) {
      bytes += entry.getKey().getBytes(StandardCharsets.UTF_8).length;
      bytes += entry.getValue().getBytes(StandardCharsets.UTF_8).length;
    }
    return bytes;
  }

  private Map<String, Credentials> pull(Map<String, RequestedCredentials> pull) {
    violations.require(
        pull.size() <= MOST_TAGS,
        "spec.base_image_credentials",
        "at most " + MOST_TAGS + " entries");
    Map<String, Credentials> checked = new HashMap<>();
    pull.forEach(
        (registry, requested) -> {
          String field = "spec.base_image_credentials[" + quoted(registry) + "]";
          checkRegistry(field, registry);
          checked.put(registry, credentials(field, requested));
        });
    return checked;
  }

  private Credentials credentials(String field, RequestedCredentials requested) {
    String password = requested.password().reveal();
    String username = requested.username();
    violations.require(
        username.length() <= 256
            && username.chars().allMatch(c -> c >= ' ' && c != ':' && c != 0x7f),
        field + ".username",
        "at most 256 characters, without ':' and control characters");
    violations.require(
        username.isEmpty() || !password.isEmpty(), field + ".password", "the password is missing");
    violations.require(
        password.length() <= LONGEST_PASSWORD && password.indexOf('\0') < 0,
        field + ".password",
        "at most 16 KiB, without NUL characters");
    return new Credentials(username, requested.password());
  }

  private static String quoted(String key) {
    String printable = key.replaceAll("[^\\x20-\\x7e]", "?");
    return printable.length() <= 40 ? printable : printable.substring(0, 37) + "...";
  }
}
