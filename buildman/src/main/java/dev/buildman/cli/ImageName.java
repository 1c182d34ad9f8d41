package dev.buildman.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * The image that is asked for, as people name images: {@code [registry/]namespace/name[:tag]}.
 *
 * @param registry empty: the manager's own
 * @param repository namespace/name
 * @param tags empty: latest
 */
record ImageName(String registry, String repository, List<String> tags) {

  /**
   * Reads all {@code --tag} options: one image under one or more tags.
   *
   * @throws UsageException when they name different images
   */
  static ImageName parse(List<String> options) {
    ImageName first = parse(options.getFirst());
    List<String> tags = new ArrayList<>(first.tags());
    for (String option : options.subList(1, options.size())) {
      ImageName other = parse(option);
      if (!other.registry().equals(first.registry())
          || !other.repository().equals(first.repository())) {
        throw new UsageException(
            "--tag: a build pushes to one repository; '%s' and '%s' name two"
                .formatted(options.getFirst(), option));
      }
      tags.addAll(other.tags().isEmpty() ? List.of("latest") : other.tags());
    }
    boolean latest = first.tags().isEmpty() && options.size() > 1;
    if (latest) {
      tags.addFirst("latest");
    }
    return new ImageName(first.registry(), first.repository(), List.copyOf(tags));
  }

  private static ImageName parse(String option) {
    int slash = option.indexOf('/');
    String head = slash < 0 ? "" : option.substring(0, slash);
    // Docker's rule for what is a registry, and not the first part of a name.
    boolean registry = head.contains(".") || head.contains(":") || head.equals("localhost");
    String rest = registry ? option.substring(slash + 1) : option;
    int colon = rest.lastIndexOf(':');
    String repository = colon < 0 ? rest : rest.substring(0, colon);
    if (!repository.contains("/")) {
      throw new UsageException(
          "--tag: '%s' has no namespace; give [REGISTRY/]NAMESPACE/NAME[:TAG]".formatted(option));
    }
    List<String> tags = colon < 0 ? List.of() : List.of(rest.substring(colon + 1));
    return new ImageName(registry ? head : "", repository, tags);
  }
}
