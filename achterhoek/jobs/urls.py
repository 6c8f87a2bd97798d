"""Addresses of jobs."""

from django.urls import path

from achterhoek.jobs.views import job

app_name = "jobs"
urlpatterns = [path("<uuid:pk>/", job, name="job")]
