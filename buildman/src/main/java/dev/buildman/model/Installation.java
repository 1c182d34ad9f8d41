package dev.buildman.model;

/**
 * All managers of one Redis and prefix, as it is written on every worker that they start.
 *
 * @param id stable name of the installation
 * @param state uuid of the Redis state; another one means that Redis was replaced
 */
public record Installation(String id, String state) {}
