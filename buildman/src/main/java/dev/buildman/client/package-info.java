/**
 * The API client that the command line uses: calls, streams that survive a manager's restart,
 * packing a folder.
 */
@NullMarked
package dev.buildman.client;

import org.jspecify.annotations.NullMarked;
