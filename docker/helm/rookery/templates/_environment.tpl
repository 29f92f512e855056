{{/* What every process of the fleet is told. */}}
{{- define "rookery.environment" -}}
{{- $queue := .Values.queue -}}
{{- $redis := $queue.redis -}}
{{- if eq $queue.kind "redis" }}
{{- if $redis.existingSecret }}
- name: ROOKERY_REDIS_PASSWORD
  valueFrom:
    secretKeyRef: { name: {{ $redis.existingSecret }}, key: {{ $redis.passwordKey }} }
{{- end }}
- name: ROOKERY_QUEUE
  value: {{ include "rookery.redisAddress" . | quote }}
{{- else }}
- name: ROOKERY_QUEUE
  value: {{ printf "sqs://%s" $queue.name | quote }}
{{- with $queue.sqs.endpoint }}
- name: ROOKERY_SQS_ENDPOINT
  value: {{ . | quote }}
{{- end }}
{{- end }}
- name: ROOKERY_QUEUE_NAME
  value: {{ $queue.name | quote }}
- name: ROOKERY_STORE
  value: {{ .Values.store.location | quote }}
- name: ROOKERY_SOURCES
  value: {{ join "," .Values.store.sources | quote }}
{{- with .Values.store.endpoint }}
- name: ROOKERY_S3_ENDPOINT
  value: {{ . | quote }}
{{- end }}
- name: ROOKERY_MODEL
  value: {{ .Values.models.model | quote }}
{{- with .Values.models.registry }}
- name: ROOKERY_REGISTRY
  value: {{ . | quote }}
{{- end }}
- name: AWS_REGION
  value: {{ .Values.aws.region | quote }}
{{- with .Values.aws }}
{{- if .existingSecret }}
- name: AWS_ACCESS_KEY_ID
  valueFrom:
    secretKeyRef: { name: {{ .existingSecret }}, key: {{ .accessKeyIdKey }} }
- name: AWS_SECRET_ACCESS_KEY
  valueFrom:
    secretKeyRef: { name: {{ .existingSecret }}, key: {{ .secretAccessKeyKey }} }
{{- end }}
{{- end }}
{{- with .Values.env }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* $(NAME) is filled in by the kubelet: the password stands in no object but its secret. */}}
{{- define "rookery.redisAddress" -}}
{{- with .Values.queue.redis -}}
{{- $who := ternary (printf "%s:$(ROOKERY_REDIS_PASSWORD)@" .username) "" (not (empty .existingSecret)) -}}
{{- ternary "rediss" "redis" .tls }}://{{ $who }}{{ .host }}:{{ int .port }}{{ with int .database }}/{{ . }}{{ end }}
{{- end -}}
{{- end -}}
