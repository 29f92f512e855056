{{- define "rookery.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Of one component: {{ include "rookery.selector" (list . "worker") }} */}}
{{- define "rookery.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ $root.Chart.Name }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- define "rookery.labels" -}}
{{- $root := index . 0 -}}
{{ include "rookery.selector" . }}
app.kubernetes.io/part-of: rookery
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "rookery.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (ternary (include "rookery.name" .) "default" .Values.serviceAccount.create) -}}
{{- end -}}

{{/* {{ include "rookery.image" (list . "rookery-worker") }} */}}
{{- define "rookery.image" -}}
{{- $root := index . 0 -}}
{{- $image := $root.Values.image -}}
{{- $tag := $image.tag | default $root.Chart.AppVersion -}}
{{- with $image.registry }}{{ . | trimSuffix "/" }}/{{ end -}}
{{- index . 1 }}{{ ternary "@" ":" (hasPrefix "sha256:" $tag) }}{{ $tag -}}
{{- end -}}
