package dev.buildman;

import java.util.Optional;

/** The version of this program. */
public final class Version {

  /** As the jar says it; {@code development} where the classes come from a folder. */
  public static final String TEXT =
      Optional.ofNullable(Version.class.getPackage().getImplementationVersion())
          .orElse("development");

  private Version() {}
}
