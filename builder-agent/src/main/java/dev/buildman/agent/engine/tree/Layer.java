package dev.buildman.agent.engine.tree;

import dev.buildman.agent.registry.Descriptor;
import dev.buildman.agent.registry.Digest;

/**
 * One layer of an image.
 *
 * @param blob as it lies in a registry
 * @param diffId digest of the unpacked tar
 */
public record Layer(Descriptor blob, Digest diffId) {}
