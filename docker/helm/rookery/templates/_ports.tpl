{{/* Ports of queue and store besides HTTPS's, as JSON. */}}
{{- define "rookery.ports" -}}
{{- $ports := list -}}
{{- if eq .Values.queue.kind "redis" }}{{ $ports = append $ports (int .Values.queue.redis.port) }}{{ end -}}
{{- range list .Values.store.endpoint .Values.queue.sqs.endpoint -}}
{{- with . -}}
{{- $url := urlParse . -}}
{{- $port := regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) -}}
{{- $ports = append $ports (int ($port | default (ternary "80" "443" (eq $url.scheme "http")))) -}}
{{- end -}}
{{- end -}}
{{- without ($ports | uniq) 443 | toJson -}}
{{- end -}}
