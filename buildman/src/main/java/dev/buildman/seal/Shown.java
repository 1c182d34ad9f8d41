package dev.buildman.seal;

import dev.buildman.model.BuildSpec;

/**
 * A stored spec as anybody may see it.
 *
 * @param spec secrets are empty, and a package URL stands without user, query and fragment
 */
public record Shown(BuildSpec spec, Annotations annotations) {}
