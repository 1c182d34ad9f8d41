/** The clients' listener: translates the API of {@code builds.proto} and nothing more. */
@NullMarked
package dev.buildman.edge.client;

import org.jspecify.annotations.NullMarked;
