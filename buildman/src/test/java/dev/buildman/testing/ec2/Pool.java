package dev.buildman.testing.ec2;

/** Where an instance comes from; the service runs out of each by itself. */
public record Pool(String type, String subnet, String zone, boolean spot) {}
