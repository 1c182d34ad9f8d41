{{- define "buildman.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "buildman.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- $name := include "buildman.name" . }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "buildman.selector" -}}
app.kubernetes.io/name: {{ include "buildman.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: manager
{{- end }}

{{- define "buildman.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/name: {{ include "buildman.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: buildman
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "buildman.image" -}}
{{- $image := .image }}
{{- if $image.digest }}{{ $image.repository }}@{{ $image.digest }}
{{- else }}{{ $image.repository }}:{{ default .root.Chart.AppVersion $image.tag }}{{ end }}
{{- end }}

{{- define "buildman.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "buildman.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "buildman.workersNamespace" -}}
{{- default (printf "%s-builders" (default "default" .Release.Namespace | trunc 54)) .Values.workers.namespace }}
{{- end }}

{{- define "buildman.secretName" -}}
{{- default (printf "%s-secrets" (include "buildman.fullname" .)) .Values.secrets.existingSecret }}
{{- end }}

{{- define "buildman.redisAuth" -}}
{{- if or .Values.redis.auth .Values.redis.trial.enabled }}true{{ end }}
{{- end }}

{{- define "buildman.isolation" -}}
{{- default (ternary "baseline" "unconfined" .Values.seccomp.install) .Values.workers.isolation }}
{{- end }}

{{/* What Pod Security has to admit in the workers' namespace. */}}
{{- define "buildman.podSecurity" -}}
{{- $isolation := include "buildman.isolation" . }}
{{- if has $isolation (list "restricted" "baseline") }}{{ $isolation }}{{ else }}privileged{{ end }}
{{- end }}

{{- define "buildman.sourcesShared" -}}
{{- if and .Values.sources.persistent (eq .Values.sources.accessMode "ReadWriteMany") }}true{{ end }}
{{- end }}

{{- define "buildman.sourcesClaim" -}}
{{- default (printf "%s-sources" (include "buildman.fullname" .)) .Values.sources.existingClaim }}
{{- end }}

{{- define "buildman.agentsAddress" -}}
{{- default (printf "%s-agents.%s.svc:55443" (include "buildman.fullname" .) .Release.Namespace) .Values.services.agents.address }}
{{- end }}

{{/* Combinations that no manager could work with, said before anything is changed. */}}
{{- define "buildman.check" -}}
{{- $redis := .Values.redis }}
{{- if not .Values.config.existingSecret }}
{{- $ways := list }}
{{- if $redis.host }}{{ $ways = append $ways "redis.host" }}{{ end }}
{{- if $redis.trial.enabled }}{{ $ways = append $ways "redis.trial.enabled" }}{{ end }}
{{- if $redis.sentinels }}{{ $ways = append $ways "redis.sentinels" }}{{ end }}
{{- if $redis.clusterNodes }}{{ $ways = append $ways "redis.clusterNodes" }}{{ end }}
{{- if ne (len $ways) 1 }}
{{- fail (printf "redis: one of host, sentinels, clusterNodes and trial.enabled says where Redis is; given: %s" (default "none" (join ", " $ways))) }}
{{- end }}
{{- if and $redis.sentinels (not $redis.sentinelMaster) }}
{{- fail "redis.sentinelMaster is needed: the name of what the sentinels watch" }}
{{- end }}
{{- if not .Values.registry.host }}
{{- fail "registry.host is needed: the registry that images are pushed to, for instance registry.example.com" }}
{{- end }}
{{- end }}
{{- if and (gt (int .Values.replicas) 1) (not (include "buildman.sourcesShared" .)) }}
{{- fail "replicas: more than one manager needs a folder of sources that all of them share: set sources.accessMode to ReadWriteMany, with a storage class that has it" }}
{{- end }}
{{- if eq (include "buildman.workersNamespace" .) .Release.Namespace }}
{{- fail "workers.namespace has to be another one than the release's: builds would run beside the manager's secrets" }}
{{- end }}
{{- if and .Values.tls.agents.privateAuthority (not .Values.tls.agents.secret) }}
{{- fail "tls.agents.privateAuthority needs tls.agents.secret" }}
{{- end }}
{{- end }}

{{- define "buildman.executor" -}}
{{- $v := .Values }}
{{- $e := dict
  "EXECUTOR" "kubernetesPodman"
  "AGENT" "ours"
  "BUILDER_NAMESPACE" (include "buildman.workersNamespace" .)
  "BUILDER_CONTAINER_IMAGE" (include "buildman.image" (dict "root" . "image" $v.agentImage))
  "IMAGE_PULL_POLICY" $v.agentImage.pullPolicy
  "DNS_POLICY" $v.workers.dnsPolicy
  "ISOLATION" (include "buildman.isolation" .)
  "CONTAINER_MEMORY_REQUEST" $v.workers.memory.request
  "CONTAINER_MEMORY_LIMITS" $v.workers.memory.limit
  "CONTAINER_CPU_REQUEST" $v.workers.cpu.request
  "CONTAINER_CPU_LIMITS" $v.workers.cpu.limit
  "VOLUME_SIZE" $v.workers.disk }}
{{- with $v.workers.pullSecret }}{{ $_ := set $e "IMAGE_PULL_SECRET_NAME" . }}{{ end }}
{{- with $v.workers.nodeSelector }}{{ $_ := set $e "NODE_SELECTOR" . }}{{ end }}
{{- with $v.workers.tolerations }}{{ $_ := set $e "TOLERATIONS" . }}{{ end }}
{{- with $v.workers.priorityClass }}{{ $_ := set $e "PRIORITY_CLASS" . }}{{ end }}
{{- if $v.seccomp.install }}{{ $_ := set $e "SECCOMP_PROFILE" "buildman/builder.json" }}{{ end }}
{{- if $v.tls.agents.privateAuthority }}{{ $_ := set $e "CA_CERT" "/etc/buildman-tls/agents/ca.crt" }}{{ end }}
{{- if not $v.tls.agents.secret }}{{ $_ := set $e "INSECURE" true }}{{ end }}
{{- toYaml (merge (deepCopy $v.workers.settings) $e) }}
{{- end }}

{{- define "buildman.orchestrator" -}}
{{- $redis := .Values.redis }}
{{- $o := dict "REDIS_DB" (int $redis.database) "REDIS_SSL" $redis.tls }}
{{- if $redis.trial.enabled }}
{{- $_ := set $o "REDIS_HOST" (printf "%s-redis" (include "buildman.fullname" .)) }}
{{- else if $redis.sentinels }}
{{- $_ := set $o "REDIS_SENTINELS" $redis.sentinels }}
{{- $_ := set $o "REDIS_SENTINEL_MASTER" $redis.sentinelMaster }}
{{- else if $redis.clusterNodes }}
{{- $_ := set $o "REDIS_CLUSTER_NODES" $redis.clusterNodes }}
{{- else }}
{{- $_ := set $o "REDIS_HOST" $redis.host }}
{{- $_ := set $o "REDIS_PORT" (int $redis.port) }}
{{- end }}
{{- with $redis.username }}{{ $_ := set $o "REDIS_USERNAME" . }}{{ end }}
{{- if include "buildman.redisAuth" . }}{{ $_ := set $o "REDIS_PASSWORD_FILE" "/etc/buildman-secrets/redis-password" }}{{ end }}
{{- if $redis.caSecret }}{{ $_ := set $o "REDIS_CA_CERT" "/etc/buildman-tls/redis/ca.crt" }}{{ end }}
{{- toYaml $o }}
{{- end }}

{{- define "buildman.config" -}}
{{- $v := .Values }}
{{- $manager := dict
  "ALLOWED_WORKER_COUNT" (int $v.workers.max)
  "ORCHESTRATOR" (include "buildman.orchestrator" . | fromYaml)
  "EXECUTORS" (concat (list (include "buildman.executor" . | fromYaml)) $v.config.executors) }}
{{- $ours := dict
  "AGENTS_LISTEN" "0.0.0.0:55443"
  "AGENTS_HTTP_LISTEN" "0.0.0.0:55080"
  "CLIENTS_LISTEN" "0.0.0.0:55051"
  "METRICS_LISTEN" "0.0.0.0:9092"
  "API_TOKEN_FILE" "/etc/buildman-secrets/api-token"
  "DRAIN_TIMEOUT" (int $v.drainTimeout)
  "DATA_DIRECTORY" "/var/lib/buildman"
  "SOURCES" (merge (dict "DIRECTORY" "/var/lib/buildman/sources") (deepCopy (default dict $v.config.buildman.SOURCES))) }}
{{- if $v.tls.agents.secret }}{{ $_ := set $ours "AGENTS_TLS" (dict "CERT" "/etc/buildman-tls/agents/tls.crt" "KEY" "/etc/buildman-tls/agents/tls.key") }}{{ end }}
{{- if $v.tls.clients.secret }}{{ $_ := set $ours "CLIENTS_TLS" (dict "CERT" "/etc/buildman-tls/clients/tls.crt" "KEY" "/etc/buildman-tls/clients/tls.key") }}{{ end }}
{{- if $v.registry.insecure }}{{ $_ := set $ours "INSECURE_REGISTRIES" (concat (list $v.registry.host) (default list $v.config.buildman.INSECURE_REGISTRIES)) }}{{ end }}
{{- $top := dict
  "SERVER_HOSTNAME" $v.registry.host
  "PREFERRED_URL_SCHEME" $v.registry.scheme
  "BUILDMAN_HOSTNAME" (include "buildman.agentsAddress" .)
  "SECRET_KEY_FILE" "/etc/buildman-secrets/secret-key"
  "BUILD_MANAGER" (list "ephemeral" (merge $manager (deepCopy $v.config.manager)))
  "BUILDMAN" (merge $ours (deepCopy $v.config.buildman)) }}
{{- toYaml (merge $top (deepCopy $v.config.top)) }}
{{- end }}
