{{- define "domicile.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 52 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "domicile.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "domicile.labels" -}}
{{ include "domicile.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "domicile.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ default (include "domicile.name" .) .Values.serviceAccount.name }}{{ else }}{{ default "default" .Values.serviceAccount.name }}{{ end }}
{{- end }}

{{- define "domicile.configMap" -}}
{{- if and .Values.existingConfigMap .Values.config }}{{ fail "config and existingConfigMap: give one of them" }}{{ end }}
{{- if not (or .Values.existingConfigMap .Values.config) }}{{ fail "there is no configuration: give config (what domicile init writes), or existingConfigMap" }}{{ end }}
{{- if and .Values.config (not (.Values.config.schedule | default dict).cron) }}{{ fail "config has no schedule: add schedule: {cron: \"0 2 * * *\", timezone: UTC}, say" }}{{ end }}
{{- default (include "domicile.name" .) .Values.existingConfigMap }}
{{- end }}

{{/* The pod, of the job and the daemon alike. A list of the root, the arguments, and what else the container has. */}}
{{- define "domicile.pod" -}}
{{- $root := index . 0 }}{{ $args := index . 1 }}{{ $more := index . 2 }}
{{- with $root.Values }}
serviceAccountName: {{ include "domicile.serviceAccount" $root }}
automountServiceAccountToken: false # the role of AWS comes with a token of its own
enableServiceLinks: false
{{- with .imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
securityContext: {{ toYaml .podSecurityContext | nindent 2 }}
containers:
  - name: domicile
    image: {{ if .image.digest }}{{ printf "%s@%s" .image.repository .image.digest | quote }}{{ else }}{{ printf "%s:%s" .image.repository (default $root.Chart.AppVersion .image.tag) | quote }}{{ end }}
    imagePullPolicy: {{ .image.pullPolicy }}
    args: {{ toYaml $args | nindent 6 }}
    {{- with .env }}
    env: {{ toYaml . | nindent 6 }}
    {{- end }}
    securityContext: {{ toYaml .securityContext | nindent 6 }}
    resources: {{ toYaml .resources | nindent 6 }}
    {{- with $more }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    volumeMounts:
      - {name: data, mountPath: /data}
      - {name: config, mountPath: /etc/domicile, readOnly: true}
      {{- if .secretName }}
      - {name: secrets, mountPath: /run/secrets/domicile, readOnly: true}
      {{- end }}
volumes:
  - name: data
    {{- if .persistence.enabled }}
    persistentVolumeClaim: {claimName: {{ default (include "domicile.name" $root) .persistence.existingClaim }}}
    {{- else }}
    emptyDir: {}
    {{- end }}
  - name: config
    configMap: {name: {{ include "domicile.configMap" $root }}}
  {{- if .secretName }}
  - name: secrets
    secret: {secretName: {{ .secretName | quote }}, defaultMode: 0440}
  {{- end }}
{{- with .nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- end }}
{{- end }}

{{- define "domicile.podMetadata" -}}
labels:
  {{- include "domicile.selector" . | nindent 2 }}
  {{- with .Values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
annotations:
  checksum/config: {{ toYaml (list .Values.config .Values.waivers) | sha256sum }}
  {{- with .Values.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
