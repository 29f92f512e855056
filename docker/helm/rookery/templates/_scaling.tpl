{{/* A time of the policy as a period of an HPA: whole seconds, from 1 to 1800. */}}
{{- define "rookery.seconds" -}}
{{- min 1800 (max 1 (div . 1000)) -}}
{{- end -}}

{{/* What KEDA asks the queue with; nothing where the queue asks for nothing. */}}
{{- define "rookery.triggerAuthentication" -}}
{{- if or (eq .Values.queue.kind "sqs") .Values.queue.redis.existingSecret -}}
{{- include "rookery.name" . }}-queue
{{- end -}}
{{- end -}}
